import { type ConfiguredService, loadLiveConfig, sealingOf } from '#attempts';
import { type Bus, openConfigBucket } from '#bus';
import type { LiveConfig } from '#config';
import type { Database } from '#db';
import type { AdminLog } from '../resources.ts';
import { createConfigPublisher } from './publish-config.ts';
import type { StoredConfig } from './stored-config.ts';

type Service = ConfiguredService & { readonly log: AdminLog };

/** Loads the file, joins what is stored, and begins to publish what was not published yet. Throws `ConfigError`. */
export async function openStoredConfig(service: Service, { db, bus }: { readonly db: Database; readonly bus: Bus }): Promise<StoredConfig> {
  const live = loadLiveConfig(service);
  const bucket = await openConfigBucket(bus);
  const publisher = createConfigPublisher({ db, bucket, log: service.log });
  service.releases.add('config publisher', () => publisher.stop());
  publisher.start();
  await live.follow(bus);
  return {
    config: live.config,
    models: live.models,
    check: live.load,
    providers: live.readOptions,
    sealing: sealingOf(service, () => live.config.general.masterKey),
    publisher,
    holds: bucket,
    changed: () => nextChange(live),
  };
}

const CHANGE_WITHIN_MS = 500;

function nextChange({ onChange }: Pick<LiveConfig, 'onChange'>): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      forget();
      resolve();
    };
    const timer = setTimeout(end, CHANGE_WITHIN_MS);
    const forget = onChange(end);
  });
}
