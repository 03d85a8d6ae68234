import { createHash } from 'node:crypto';
import { parseArgs } from 'node:util';
import { connectBus, type KeysBucket, openKeysBucket } from '#bus';
import type { KeyRecord } from '#contracts';
import { startNats } from '../../libs/testing/start-nats.ts';
import { authenticate } from '../../services/ingress/auth/authenticate.ts';
import { createKeyCache } from '../../services/ingress/auth/key-cache.ts';
import { summarize } from './percentile.ts';
import { table } from './table.ts';

/**
 * What it takes an ingress to authenticate a key when there are many: one it has not seen (a look-up in the bucket of a real nats-server, one
 * at a time) and one it has. How long a change of a key takes to reach it.
 *
 * node test/bench/keys.ts --keys 100000 --cold 5000 --changes 200
 */
const { values } = parseArgs({
  options: {
    keys: { type: 'string', default: '100000' },
    cold: { type: 'string', default: '5000' },
    changes: { type: 'string', default: '200' },
  },
});
const KEYS = Number(values.keys);
const COLD = Math.min(KEYS, Number(values.cold));
const CHANGES = Number(values.changes);
const WARM_ROUNDS = 20;
const LIMITS = { coldMs: 2, warmUs: 20, changeMs: 1_000 };
const quiet = { info() {}, warn() {}, error() {} };

const secretOf = (at: number): string => `sk-bench-${String(at).padStart(16, '0')}`;
const headersOf = (at: number) => ({ authorization: `Bearer ${secretOf(at)}` });

function recordOf(at: number): KeyRecord {
  return {
    v: 1,
    hash: createHash('sha256').update(secretOf(at)).digest('hex'),
    masked: `sk-...${String(at).padStart(4, '0').slice(-4)}`,
    alias: `agent-${at}`,
    teamId: `team-${at % 500}`,
    userId: `user-${at % 5_000}`,
    models: ['agent-planner', 'agent-executor'],
    blocked: false,
    tags: ['bench'],
    limits: { rpm: 60, tpm: 100_000, budgets: [{ id: 'budget', limitUsd: '5', period: '1d', reset: 'calendar', startsAt: 0 }] },
  };
}

const nats = await startNats();
try {
  const bus = await connectBus({ url: nats.url, name: 'bench', log: quiet });
  const bucket = await openKeysBucket(bus);
  const filledMs = await fill(bucket);
  const keys = await createKeyCache(bucket);
  const resources = { keys, masterKeyHash: createHash('sha256').update('sk-master').digest('hex'), now: () => Date.now() };
  const cold = await measureCold(resources);
  const warm = measureWarm(resources);
  const changed = await measureChanges(bucket, keys);
  keys.close();
  await bus.close();
  report({ filledMs, cold, warm, changed });
} finally {
  await nats.remove();
}

async function fill(into: KeysBucket): Promise<number> {
  const startedAt = performance.now();
  const all = Array.from({ length: KEYS }, (_, at) => at).values();
  const runner = async (): Promise<void> => {
    for (const at of all) await into.put(recordOf(at));
  };
  await Promise.all(Array.from({ length: 64 }, runner));
  return performance.now() - startedAt;
}

type Resources = Parameters<typeof authenticate>[1];

/** Milliseconds of each, one after the other, all over the bucket. */
async function measureCold(resources: Resources): Promise<number[]> {
  const times: number[] = [];
  for (let at = 0; at < COLD; at += 1) {
    const headers = headersOf(Math.floor((at * KEYS) / COLD));
    const startedAt = performance.now();
    await authenticate(headers, resources);
    times.push(performance.now() - startedAt);
  }
  return times;
}

/** Microseconds of one, the mean of each round over all keys that were looked up. */
function measureWarm(resources: Resources): number[] {
  const headers = Array.from({ length: COLD }, (_, at) => headersOf(Math.floor((at * KEYS) / COLD)));
  return Array.from({ length: WARM_ROUNDS }, () => {
    const startedAt = performance.now();
    for (const one of headers) {
      if (authenticate(one, resources) instanceof Promise) throw new Error('a key that was seen was looked up again');
    }
    return ((performance.now() - startedAt) * 1_000) / headers.length;
  });
}

/** Milliseconds from the beginning of a write to when the cache refuses the key. */
async function measureChanges(into: KeysBucket, keys: Resources['keys']): Promise<number[]> {
  const times: number[] = [];
  for (let at = 0; at < CHANGES; at += 1) {
    const record = { ...recordOf(Math.floor((at * KEYS) / COLD) % KEYS), blocked: true };
    const startedAt = performance.now();
    await into.put(record);
    for (;;) {
      const found = keys.find(record.hash);
      if (!(found instanceof Promise) && found?.blocked === true) break;
      await new Promise((resolve) => setImmediate(resolve));
    }
    times.push(performance.now() - startedAt);
  }
  return times;
}

function report({
  filledMs,
  cold,
  warm,
  changed,
}: Readonly<{ filledMs: number; cold: number[]; warm: number[]; changed: number[] }>): void {
  const row = (name: string, unit: string, times: number[], limit: number) => {
    const { p50, p99, max } = summarize(times);
    return [name, ...[p50, p99, max].map((time) => `${time.toFixed(2)} ${unit}`), `${limit} ${unit}`];
  };
  process.stdout.write(`\n${KEYS} keys in the bucket, filled in ${(filledMs / 1_000).toFixed(1)} s\n\n`);
  process.stdout.write(
    `${table(
      ['', 'p50', 'p99', 'most', 'limit'],
      [
        row('a key not seen yet', 'ms', cold, LIMITS.coldMs),
        row('a key seen before', 'µs', warm, LIMITS.warmUs),
        row('a change at the ingress', 'ms', changed, LIMITS.changeMs),
      ],
    )}\n`,
  );
  const over = summarize(cold).p50 > LIMITS.coldMs || summarize(warm).p50 > LIMITS.warmUs || summarize(changed).max > LIMITS.changeMs;
  if (over) process.exitCode = 1;
}
