import { type Bus, openBatchConsumer, openRunStore, type RunStore, type StreamMessage } from '#bus';
import { DEFAULT_ALERTS, DEFAULT_JOBS } from '#config';
import {
  BACKGROUND_GROUP,
  decodeRun,
  groupEndsSubject,
  InvalidMessage,
  parseRunSubject,
  type RunEnd,
  RUNS_STREAM,
  WEBHOOKS_CONSUMER,
} from '#contracts';
import { type Database, dropWebhookDeliveries, recordWebhookEvent, untoldBatches } from '#db';
import { postPublic } from '#upstream';
import type { StoredConfig } from '../models/stored-config.ts';
import type { AdminLog } from '../resources.ts';
import { startStreamTask } from '../stream-task.ts';
import { startTimer } from '../timer.ts';
import { deliverWebhooks } from './deliver-webhooks.ts';
import { batchEvent, jobEvent } from './webhook-event.ts';

export interface WebhookResources {
  readonly db: Database;
  readonly bus: Bus;
  readonly stored: Pick<StoredConfig, 'config' | 'sealing'>;
  readonly log: AdminLog;
  readonly now: () => Date;
  readonly releases: { add(name: string, release: () => unknown): void };
}

const POST_TIMEOUT_MS = 10_000;
const EVERY_MS = 1_000;
const BATCHES_EVERY_MS = 2_000;
/** How long batches may have ended while no process was there to see it. */
const BATCHES_SINCE_MS = 7 * 86_400_000;
const KEEP_EVERY_MS = 3_600_000;
const KEPT_MS = 30 * 86_400_000;

/**
 * Tells of the ends of background jobs and of batches, in any number of processes side by side: what happened is written down once for each
 * endpoint, and who takes a delivery makes it. Jobs of a batch or of a program's own groups are not told of one by one: their ends are in
 * `RUNS` for those who want them.
 */
export async function openWebhooks({ db, bus, stored, log, now, releases }: WebhookResources): Promise<void> {
  const runs = await openRunStore(bus, stored.config.jobs ?? DEFAULT_JOBS);
  const consumer = await openBatchConsumer(bus, {
    stream: RUNS_STREAM,
    consumer: WEBHOOKS_CONSUMER,
    filterSubject: groupEndsSubject('*', BACKGROUND_GROUP),
    ackWaitMs: 30_000,
    maxAckPending: 1_000,
    maxMessages: 100,
    lingerMs: 100,
  });
  startStreamTask('webhooks of jobs', { consumer, log, releases, handle: (messages) => recordEnds(messages, { db, runs, log }) });
  const recordBatches = async (): Promise<void> => {
    const since = new Date(now().getTime() - BATCHES_SINCE_MS);
    for (const batch of await untoldBatches(db, { since, limit: 1_000 })) await recordWebhookEvent(db, batchEvent(batch));
  };
  startTimer('webhooks of batches', { everyMs: BATCHES_EVERY_MS, run: recordBatches, log, releases });
  const allowedHosts = () => (stored.config.alerts ?? DEFAULT_ALERTS).allowedPrivateHosts;
  const post = (one: { url: string; headers: Readonly<Record<string, string>>; body: string }) =>
    postPublic({ ...one, timeoutMs: POST_TIMEOUT_MS, allowedHosts: allowedHosts() });
  const { sealing } = stored;
  const deliver = () => deliverWebhooks({ db, sealing, post, log, now: () => now().getTime() });
  startTimer('webhook deliveries', { everyMs: EVERY_MS, run: deliver, log, releases });
  const keep = () => dropWebhookDeliveries(db, { before: new Date(now().getTime() - KEPT_MS) });
  startTimer('webhook log', { everyMs: KEEP_EVERY_MS, run: keep, log, releases });
}

interface Recording {
  readonly db: Database;
  readonly runs: Pick<RunStore, 'find'>;
  readonly log: AdminLog;
}

async function recordEnds(messages: readonly StreamMessage[], { db, runs, log }: Recording): Promise<void> {
  for (const { subject, data } of messages) {
    const end = readEnd(data);
    if (end === undefined) {
      log.warn({ subject }, 'the end of a job can not be read: nobody is told of it');
      continue;
    }
    const name = parseRunSubject(subject);
    await recordWebhookEvent(db, jobEvent(name.owner, end, (await runs.find(name))?.claim));
  }
}

function readEnd(data: Uint8Array): RunEnd | undefined {
  try {
    return decodeRun<RunEnd>(data).facts;
  } catch (error) {
    if (error instanceof InvalidMessage) return undefined;
    throw error;
  }
}
