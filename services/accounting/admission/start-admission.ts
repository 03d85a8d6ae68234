import { type Bus, openKeysBucket, openLeaderLease, openScopesBucket, openSpendBucket, publishAlert } from '#bus';
import type { GatewayConfig } from '#config';
import type { BudgetAlert } from '#contracts';
import { type Database, pingDatabase } from '#db';
import type { Registry } from 'prom-client';
import { createEventReader, type EventReader } from '../event-reader.ts';
import { createAdmissionMetrics } from './admission-metrics.ts';
import { configuredLimits } from './configured-limits.ts';
import { watchDatabase } from './database-watch.ts';
import { createFirstSpend } from './first-spend.ts';
import { type Leader, type LeaderResources, startLeader } from './leader.ts';
import { openLimitsMirror } from './limits-mirror.ts';
import { createSpendStore } from './spend-store.ts';

export interface AdmissionOptions {
  readonly bus: Bus;
  /** Reads events for the ledger of this process too. */
  readonly reader?: EventReader;
  readonly db: Database;
  /** This process; different after a restart. */
  readonly holder: string;
  readonly config: () => Pick<GatewayConfig, 'budgets' | 'deployments'>;
  /** Calls the listener when the configuration was read anew; returns its end. */
  readonly onConfigChange: (listener: () => void) => () => void;
  readonly registry: Registry;
  readonly log: LeaderResources['log'];
  readonly now: () => number;
}

export interface Admission {
  /** Gives the lead to the next one with all this process knows. */
  close(): Promise<void>;
}

const LEASE = 'admission';
const BEGIN_ANEW_MS = 250;

/** One of the processes that may lead admission. Limits are kept current in all of them, the rest is known to the leader alone. */
export async function startAdmission(options: AdmissionOptions): Promise<Admission> {
  const { bus, log, now } = options;
  const [keys, scopes, spend] = await Promise.all([openKeysBucket(bus), openScopesBucket(bus), openSpendBucket(bus)]);
  const mirror = await openLimitsMirror({ keys, scopes });
  const configure = (): void => mirror.setConfigured(configuredLimits(options.config()));
  configure();
  const forgetConfig = options.onConfigChange(configure);
  const isStrict = (): boolean => options.config().budgets?.failClosed === true;
  let leader: Leader | undefined;
  let term: number | undefined;
  let isDatabaseUp = true;
  let isClosed = false;
  const metrics = createAdmissionMetrics(options.registry, () => leader?.figures());
  const resources: LeaderResources = {
    bus,
    reader: options.reader ?? createEventReader(),
    mirror,
    store: createSpendStore(spend),
    firstSpend: createFirstSpend({ bus, mirror, now, log, db: options.db, isStrict }),
    metrics,
    onAlert: (alert) => void tell(alert, options),
    log,
    now,
    unknownPriceUsd: () => options.config().budgets?.unknownPriceUsd,
  };
  const depose = (save = false): void => {
    const old = leader;
    leader = undefined;
    void old?.close({ save });
  };
  /** Something that only a leader writes was written by another: what is stored is read again. Whoever has lost the lead learns it by the lease. */
  const beginAnew = (): void => {
    depose();
    setTimeout(begin, BEGIN_ANEW_MS).unref();
  };
  const begin = (): void => {
    if (isClosed || term === undefined || leader !== undefined || (isStrict() && !isDatabaseUp)) return;
    leader = startLeader({ epoch: term, isFresh: () => lease.isFresh(), onDeposed: beginAnew }, resources);
  };
  const lease = await openLeaderLease(bus, {
    name: LEASE,
    holder: options.holder,
    onWon(epoch) {
      term = epoch;
      depose();
      metrics.takeovers.inc();
      begin();
    },
    onLost() {
      term = undefined;
      log.warn({}, 'the lead of admission is another process’s now');
      depose();
    },
  });
  const database = watchDatabase({
    ping: () => pingDatabase(options.db),
    now,
    onChange(isUp) {
      isDatabaseUp = isUp;
      if (isUp) return begin();
      if (!isStrict()) return;
      log.warn({}, 'the database is away: nothing is admitted until it is back (fail_closed)');
      depose(true);
    },
  });

  return {
    async close() {
      isClosed = true;
      forgetConfig();
      database.close();
      await leader?.close({ save: true });
      await lease.close();
      mirror.close();
    },
  };
}

/** Whoever delivers alerts does so once for each happening, however often it is told. One that can't be stored is told by the log. */
async function tell(alert: BudgetAlert, { bus, log, now }: AdmissionOptions): Promise<void> {
  try {
    await publishAlert(bus, alert, { now: now() });
  } catch (error) {
    log.warn({ err: error, kind: alert.kind, scope: alert.scope, window: alert.window }, 'an alert could not be stored');
  }
}
