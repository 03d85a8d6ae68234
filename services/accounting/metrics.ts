import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

export interface AccountingMetrics {
  readonly events: Counter<'outcome'>;
  readonly batchEvents: Histogram;
  readonly applySeconds: Histogram;
  readonly databaseUp: Gauge;
}

/** `readLag` is asked at each scrape: a request to NATS, none on the way of the events. */
export function createAccountingMetrics(registry: Registry, readLag: () => Promise<number>): AccountingMetrics {
  const registers = [registry];
  const lag = new Gauge({
    name: 'headrace_ledger_lag_events',
    help: 'Attempt events that are not in the ledger yet, of all replicas together',
    registers,
    async collect() {
      this.set(await readLag().catch(() => Number.NaN));
    },
  });
  lag.set(0);
  const databaseUp = new Gauge({ name: 'headrace_ledger_database_up', help: '0 while the last write to the database failed', registers });
  databaseUp.set(1);
  return {
    events: new Counter({
      name: 'headrace_ledger_events_total',
      help: 'Attempt events by what became of them: inserted, superseded (an estimate was replaced), duplicate, dead',
      labelNames: ['outcome'],
      registers,
    }),
    batchEvents: new Histogram({
      name: 'headrace_ledger_batch_events',
      help: 'Events applied at once',
      buckets: [1, 3, 10, 30, 100, 300, 1_000],
      registers,
    }),
    applySeconds: new Histogram({
      name: 'headrace_ledger_apply_seconds',
      help: 'Time to write a batch to the ledger, waits for the database included',
      buckets: [0.002, 0.01, 0.05, 0.2, 1, 5, 30, 120],
      registers,
    }),
    databaseUp,
  };
}
