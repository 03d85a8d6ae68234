import type { ConfigBucket } from '#bus';
import type { GatewayConfig, ModelIndex, ReadStoredOptions, Sealing } from '#config';
import { GatewayError } from '#contracts';
import type { StoredName } from '#db';
import type { ConfigPublisher } from './publish-config.ts';

/** What routes for models and settings need beside the database. */
export interface StoredConfig {
  /** As it is now, with what is stored. */
  readonly config: GatewayConfig;
  readonly models: Pick<ModelIndex, 'resolve'>;
  /** The same with other settings than those stored: throws `ConfigError` for what they get wrong. */
  readonly check: (settings: Readonly<Record<string, Readonly<Record<string, unknown>>>>) => GatewayConfig;
  readonly providers: Pick<ReadStoredOptions, 'env' | 'providers' | 'keyedProviders'>;
  /** Undefined where there is no key to seal with: models with secrets are refused. */
  readonly sealing: Sealing | undefined;
  readonly publisher: ConfigPublisher;
  /** What operators hold back is in the bucket alone. */
  readonly holds: Pick<ConfigBucket, 'put' | 'delete'>;
  /** Resolves with the next change of `config`, or when none has come for a moment. */
  readonly changed: () => Promise<void>;
}

/**
 * A change is only reported as done when every gateway is told of it. It is waited for here, as one of those that are told: whoever reads what
 * counts now, or names the new model elsewhere, finds it.
 */
export async function publishOrThrow(name: StoredName, { publisher, changed }: Pick<StoredConfig, 'publisher' | 'changed'>): Promise<void> {
  const seen = changed();
  if (await publisher.publish(name)) return seen;
  throw new GatewayError(
    'queue_unavailable',
    'The change is stored, but has not reached the gateways yet. It is brought there as soon as they can be reached; repeat the call to be sure.',
  );
}
