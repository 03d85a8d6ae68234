import type { AlertSettings } from '#config';
import type { Alert } from '#contracts';
import { type Database, findExpiringKeys, findUnusualSpend } from '#db';

export interface AlertSources {
  readonly db: Database;
  readonly settings: () => AlertSettings;
  readonly now: () => Date;
}

const HOUR_MS = 3_600_000;

/** Keys that end soon, each once. */
export async function expiringKeys({ db, settings, now }: AlertSources): Promise<Alert[]> {
  const from = now();
  const keys = await findExpiringKeys(db, { from, until: new Date(from.getTime() + settings().keyExpiringMs) });
  return keys.flatMap((key): Alert[] =>
    key.expiresAt === null
      ? []
      : [
          {
            kind: 'key_expiring',
            keyHash: key.hash,
            masked: key.masked,
            alias: key.alias ?? undefined,
            teamId: key.teamId ?? undefined,
            userId: key.userId ?? undefined,
            expiresAt: key.expiresAt.getTime(),
          },
        ],
  );
}

/** The last full hour of keys and teams that spent many times what they usually do. */
export async function unusualSpend({ db, settings, now }: AlertSources): Promise<Alert[]> {
  const { anomalyFactor, anomalyMinUsd } = settings();
  const until = Math.floor(now().getTime() / HOUR_MS) * HOUR_MS;
  const from = until - HOUR_MS;
  const found = await findUnusualSpend(db, { hour: new Date(from), factor: anomalyFactor, minUsd: anomalyMinUsd });
  return found.map(({ kind, name, spentUsd, usualUsd }) => ({
    kind: 'spend_anomaly',
    scope: { kind, id: name },
    from,
    until,
    spentUsd,
    usualUsd,
  }));
}
