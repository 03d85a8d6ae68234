import { hash } from 'node:crypto';
import { withdrawSubmissions } from '#bus';
import { createQueueClient, type QueueClient } from '#client';
import { submissionJobId } from '#contracts';
import { endBatchLines, endedBatchLines, type LineState, type StoredBatch } from '#db';
import type { BatchesResources } from '../resources.ts';
import { collectEnds } from './collect-ends.ts';
import { createInFlight, type InFlight } from './in-flight.ts';
import type { Lease } from './lease.ts';
import { submitLines } from './submit-lines.ts';

/** Behind its time an end comes at once, or a moment later where a worker has just died. */
const AFTER_EXPIRY_MS = 5_000;
/** How long cancelled jobs have to say what they cost. */
const AFTER_CANCEL_MS = 20_000;
const CANCEL_AGAIN_MS = 2_000;
const RECONCILE_MS = 5_000;
const LOOK_AGAIN_MS = 250;

/**
 * Submits the requests of a batch and collects their ends, until all are over: by themselves, by the end of the batch's time, because it
 * is cancelled or may spend no more. Resolves with false when the lease was lost: another process goes on.
 */
export async function runLines(batch: StoredBatch, lease: Lease, resources: BatchesResources): Promise<boolean> {
  const { db, limits, bus } = resources;
  const inFlight = createInFlight({
    most: limits.inFlight,
    maxUsd: batch.maxUsd,
    spentUsd: batch.spentUsd,
    over: await endedBatchLines(db, batch.id),
  });
  lease.onChange(inFlight.wake);
  const client = await createQueueClient({ owner: batch.owner, connection: { bus } });
  const ending = new AbortController();
  const { signal } = ending;
  const collecting = collectEnds(batch, { client, inFlight, signal }, resources);
  try {
    const rest = await Promise.race([runToEnd(batch, { inFlight, lease, client, signal }, resources), failureOf(collecting)]);
    if (lease.lost) return false;
    // every line that is over is stored by now; one that is not has no end to wait for
    await endBatchLines(db, batch.id, rest ?? 'failed');
    return true;
  } finally {
    ending.abort();
    inFlight.wake();
    await collecting.catch(() => undefined);
  }
}

function failureOf(collecting: Promise<void>): Promise<never> {
  const failure = collecting.then((): never => {
    throw new Error('the results of a batch have ended before the batch');
  });
  failure.catch(() => undefined);
  return failure;
}

interface Run {
  readonly inFlight: InFlight;
  readonly lease: Lease;
  readonly client: QueueClient;
  readonly signal: AbortSignal;
}

/** What becomes of the lines that are not over when this resolves; undefined when there are none. */
async function runToEnd(batch: StoredBatch, run: Run, resources: BatchesResources): Promise<Exclude<LineState, 'succeeded'> | undefined> {
  const { inFlight, lease, signal } = run;
  const isExpired = (): boolean => resources.now() >= batch.expiresAt.getTime();
  const stopped = (): boolean => signal.aborted || lease.lost || lease.cancelling || isExpired();
  const submitted = await submitLines(batch, { ...run, stopped }, resources);
  await awaitEnds(batch, run, { until: stopped }, resources);
  if (signal.aborted || lease.lost) return undefined;
  if (inFlight.size === 0 && submitted !== 'stopped') return submitted === 'spent' ? 'over_budget' : undefined;
  const cancelled = lease.cancelling;
  await stopJobs(batch, run, { withinMs: cancelled ? AFTER_CANCEL_MS : AFTER_EXPIRY_MS }, resources);
  return cancelled ? 'cancelled' : 'expired';
}

/** No job of the batch is begun any more, and those that run have some time to end. */
async function stopJobs(batch: StoredBatch, run: Run, { withinMs }: { withinMs: number }, resources: BatchesResources): Promise<void> {
  const giveUpAt = performance.now() + withinMs;
  const stopping = (): boolean => !run.signal.aborted && !run.lease.lost && performance.now() < giveUpAt;
  // twice in a row: one that was taken from the queue at that moment is accepted behind the first cancel
  for (let idle = 0; idle < 2 && run.inFlight.size > 0 && stopping();) {
    const running = await cancelJobs(batch, run, resources);
    idle = running ? 0 : idle + 1;
    const lookAt = performance.now() + CANCEL_AGAIN_MS;
    await awaitEnds(batch, run, { until: () => !stopping() || performance.now() > lookAt }, resources);
  }
}

/** Whether one of those that are not over was accepted: such a job has an end to come. */
async function cancelJobs({ owner, id: group }: StoredBatch, { inFlight }: Run, { bus, runs }: BatchesResources): Promise<boolean> {
  await withdrawSubmissions(bus, { owner, lane: 'batch', group });
  await runs.cancelGroup(owner, group);
  const accepted = new Set((await runs.list(owner, group, Number.MAX_SAFE_INTEGER)).map(({ job }) => job));
  return [...inFlight.lines()].some((line) => accepted.has(submissionJobId(owner, group, String(line), (text) => hash('sha256', text))));
}

/** Until none is in flight. An end that another process took is in the database. */
async function awaitEnds(
  batch: StoredBatch,
  { inFlight }: Run,
  { until }: { until: () => boolean },
  { db }: BatchesResources,
): Promise<void> {
  let reconciledAt = performance.now();
  while (inFlight.size > 0 && !until()) {
    await inFlight.change(LOOK_AGAIN_MS);
    if (performance.now() - reconciledAt < RECONCILE_MS) continue;
    for (const line of await endedBatchLines(db, batch.id)) inFlight.over(line, '0');
    reconciledAt = performance.now();
  }
}
