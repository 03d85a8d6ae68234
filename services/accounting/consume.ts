import { setTimeout } from 'node:timers/promises';
import type { BatchConsumer, StreamMessage } from '#bus';
import { applyBatch, type ApplyEvents, type BatchOutcome, type HeldEvent, type RefusedMessage } from './apply-batch.ts';
import type { DeadLetters } from './dead-letter.ts';
import { decodeBatch } from './decode-batch.ts';
import { createEventReader, type EventReader } from './event-reader.ts';
import type { AccountingMetrics } from './metrics.ts';
import { createOutage, type Outage, type OutageLog } from './outage.ts';

export interface LedgerResources {
  readonly consumer: Pick<BatchConsumer, 'next' | 'stop'>;
  /** Reads them for the ledger and whoever else does. */
  readonly reader?: EventReader;
  readonly apply: ApplyEvents;
  readonly deadLetters: DeadLetters;
  readonly metrics: AccountingMetrics;
  readonly log: OutageLog & { warn(fields: object, message: string): void };
  readonly now: () => number;
}

export interface LedgerConsumption {
  /**
   * Resolves once it was stopped. Rejects when it ended for any other reason: events are no longer booked then, and a process
   * that lives on would hide it. Left unhandled on purpose where it runs as a process: that ends with 1 and is started again.
   */
  readonly finished: Promise<void>;
  /** Finishes the batch in hand and what has arrived, then resolves. In an outage of the database it gives up: the events come again. */
  stop(): Promise<void>;
}

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5_000;

/**
 * Events from the stream into the ledger, batch by batch: read → apply → bury what can't be applied → ack. The ack is last
 * and applying is idempotent, so that a process killed anywhere in between loses nothing and counts nothing twice.
 *
 * A database that is away stops the loop where it is: the batch stays in memory, un-acked, and no more than one further is
 * pulled; JetStream keeps the rest. Redelivery of the kept batch meanwhile does no harm.
 */
export function startLedger(resources: LedgerResources): LedgerConsumption {
  const stopping = new AbortController();
  const { log, now, metrics } = resources;
  const outage = createOutage({ log, now, onChange: (up) => metrics.databaseUp.set(up ? 1 : 0) });
  const finished = run(resources, outage, stopping.signal);
  return {
    finished,
    async stop() {
      stopping.abort();
      resources.consumer.stop();
      await finished;
    },
  };
}

async function run(resources: LedgerResources, outage: Outage, stopping: AbortSignal): Promise<void> {
  const reader = resources.reader ?? createEventReader();
  for (;;) {
    const messages = await resources.consumer.next();
    if (messages.length === 0) return endOf(stopping, resources.log);
    const { held, unreadable } = decodeBatch(messages, reader);
    const startedAt = resources.now();
    const outcome = await applyUntilDone(held, resources, { outage, stopping });
    if (outcome === undefined) return;
    const dead = [...unreadable, ...outcome.refused];
    const kept = await bury(dead, resources);
    for (const message of messages) if (!kept.has(message)) message.ack();
    record(resources, outcome, { events: held.length, dead: dead.length, ms: resources.now() - startedAt });
  }
}

/** An empty batch is the end, and there is one end only: being asked to stop. */
function endOf(stopping: AbortSignal, log: OutageLog): void {
  if (stopping.aborted) return;
  log.error({}, 'the events ended without a stop: nothing is booked any more');
  throw new Error('the consumer of events ended without being stopped');
}

/** Tries until the database has taken the batch; `undefined` when asked to stop while it does not. */
async function applyUntilDone(
  held: readonly HeldEvent[],
  resources: LedgerResources,
  { outage, stopping }: { readonly outage: Outage; readonly stopping: AbortSignal },
): Promise<BatchOutcome | undefined> {
  let pauseMs = FIRST_PAUSE_MS;
  for (;;) {
    try {
      const outcome = await applyBatch(held, resources.apply);
      outage.up();
      return outcome;
    } catch (error) {
      outage.down(error);
    }
    if (!(await pause(pauseMs, stopping))) return undefined;
    pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
  }
}

/** Resolves with the messages that could not be put among the dead letters: they stay un-acked and come again. */
async function bury(refused: readonly RefusedMessage[], resources: LedgerResources): Promise<ReadonlySet<StreamMessage>> {
  const kept = new Set<StreamMessage>();
  for (const one of refused) {
    const { streamSeq } = one.message;
    try {
      await resources.deadLetters.store(one);
      resources.log.error({ streamSeq, reason: one.reason }, 'attempt event can not be applied: moved to the dead letters');
    } catch (error) {
      kept.add(one.message);
      resources.log.warn({ streamSeq, err: error }, 'dead letter could not be stored');
    }
  }
  return kept;
}

function record({ metrics }: LedgerResources, { counts }: BatchOutcome, batch: { events: number; dead: number; ms: number }): void {
  metrics.batchEvents.observe(batch.events);
  metrics.applySeconds.observe(batch.ms / 1_000);
  metrics.events.inc({ outcome: 'inserted' }, counts.inserted);
  metrics.events.inc({ outcome: 'superseded' }, counts.superseded);
  metrics.events.inc({ outcome: 'duplicate' }, counts.duplicates);
  metrics.events.inc({ outcome: 'dead' }, batch.dead);
}

/** False when asked to stop before the time was over. */
function pause(ms: number, stopping: AbortSignal): Promise<boolean> {
  return setTimeout(ms, true, { signal: stopping }).catch(() => false);
}
