import { Kvm } from '@nats-io/kv';
import { LEADERS_BUCKET } from '#contracts';
import { type RunningHeadrace, waitFor } from '#testing';
import { withBus } from './limited-key.ts';
import { parseMetrics, sumOf } from './metrics-text.ts';
import { type Replica, startReplica } from './replica.ts';

/** Two accounting processes, one of which leads. */
export interface Admission {
  /** kill -9 of the one that has the lead; resolves when it is dead. */
  killLeader(): Promise<void>;
  /** As the leader says; NaN while nobody does. */
  reservedUsd(): Promise<number>;
  close(): Promise<void>;
}

export async function openAdmission(headrace: RunningHeadrace): Promise<Admission> {
  const second: Replica = await startReplica(headrace, 'accounting');
  let killed = false;
  return {
    async killLeader() {
      const pid = await waitFor(() => leaderPid(headrace), { what: 'a leader of admission' });
      if (pid !== second.pid) return headrace.kill('accounting');
      killed = true;
      await second.kill();
    },
    async reservedUsd() {
      const text = await (await fetch(new URL('/metrics', headrace.url))).text();
      const samples = parseMetrics(text);
      const leads = sumOf(samples, 'headrace_admission_leader') === 1;
      return leads ? sumOf(samples, 'headrace_admission_reserved_usd') : Number.NaN;
    },
    async close() {
      if (!killed) await second.stop();
    },
  };
}

/** A process is named by its service and its id. */
function leaderPid(headrace: RunningHeadrace): Promise<number | undefined> {
  return withBus(headrace, async (bus) => {
    const kv = await new Kvm(bus.js).open(LEADERS_BUCKET);
    const entry = await kv.get('admission');
    const pid = entry === null ? undefined : /(\d+)/.exec(entry.string())?.[1];
    return pid === undefined ? undefined : Number(pid);
  });
}
