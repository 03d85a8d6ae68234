import { ensureCancelConsumer, ensureIntakeConsumer, listHeldOwners } from '#bus';
import { intakeConsumer, type Lane, LANES } from '#contracts';
import type { IngressResources } from '../resources.ts';
import { createIntakeQueue, type IntakeQueue } from './intake-queue.ts';
import { createLaneDepth } from './lane-depth.ts';
import { createOwnerHolds } from './owner-holds.ts';
import { createSubmissionWork } from './submission-work.ts';

/**
 * Takes in the jobs that programs publish themselves (stream `SUBMIT`), a lane at a time.
 *
 *   submit.v1.* ──▶ take ──▶ a job, or an end with its error ──▶ settled
 *                    │ its owner's limit ──▶ moved to that owner's own queue ──▶ take, when the limit frees ──▶ …
 *                    │ the queue itself is away ──▶ given back, everything waits for a second
 *                    └ unreadable, or this program is at fault ──▶ dead letters
 *
 * While an owner is held back, all of its submissions go to its own queue: nobody else waits behind them. That queue is known to all ingresses by its
 * consumer, so any of them goes on with it.
 */
export interface Intake {
  close(): Promise<void>;
}

const LANE_SLOTS = 256;
const HELD_SLOTS = 16;
const TICK_MS = 100;
const LOOK_EVERY_MS = 250;
const LIST_EVERY_MS = 2_000;
const AWAY_MS = 1_000;

export function startIntake(resources: IngressResources): Intake {
  const { now, log } = resources;
  const depth = createLaneDepth(resources);
  const holds = createOwnerHolds(now);
  /** By consumer: of the lanes and the cancels, and of owners who are held back. */
  const common = new Map<string, IntakeQueue>();
  const held = new Map<string, IntakeQueue>();
  let awayUntil = 0;
  let closed = false;

  const work = createSubmissionWork({
    resources,
    depth,
    holds,
    hasWaiting: ({ lane, owner }) => held.has(intakeConsumer(lane, owner).name),
    onHeld: ({ lane, owner }) => openHeld(lane, owner),
    onAway: () => (awayUntil = now() + AWAY_MS),
  });
  const open = (consumer: string, slots: number, mayAsk: () => boolean): IntakeQueue =>
    createIntakeQueue({
      resources,
      consumer,
      slots,
      mayAsk: () => !closed && now() >= awayUntil && mayAsk(),
      work: (pulled) => work(pulled, held.has(consumer) ? 'held' : 'lane'),
      onRefused: (reason) => log.debug({ reason, consumer }, 'submissions could not be pulled'),
    });
  const openCommon = async (): Promise<void> => {
    const cancels = await ensureCancelConsumer(resources.bus);
    if (!closed && !common.has(cancels))
      common.set(
        cancels,
        open(cancels, HELD_SLOTS, () => true),
      );
    for (const lane of LANES) {
      const consumer = await ensureIntakeConsumer(resources.bus, lane);
      if (!closed && !common.has(consumer))
        common.set(
          consumer,
          open(consumer, LANE_SLOTS, () => !depth.isFull(lane)),
        );
    }
  };
  const openHeld = (lane: Lane, owner: string): void => {
    const { name } = intakeConsumer(lane, owner);
    const mayAsk = (): boolean => holds.until(owner) === undefined && !depth.isFull(lane);
    if (!closed && !held.has(name)) held.set(name, open(name, HELD_SLOTS, mayAsk));
  };
  const list = async (): Promise<void> => {
    if (common.size <= LANES.length) await openCommon();
    for (const { lane, owner, waiting } of await listHeldOwners(resources.link)) {
      const { name } = intakeConsumer(lane, owner);
      const queue = held.get(name);
      if (waiting > 0) openHeld(lane, owner);
      else if (queue !== undefined && queue.running === 0 && holds.until(owner) === undefined) {
        await queue.close();
        held.delete(name);
      }
    }
  };
  const ask = (): void => {
    for (const queue of [...common.values(), ...held.values()]) queue.ask();
  };
  const stops = [every(TICK_MS, async () => ask()), every(LOOK_EVERY_MS, () => depth.look()), every(LIST_EVERY_MS, list)];
  return {
    async close() {
      closed = true;
      for (const stop of stops) stop();
      await Promise.all([...common.values(), ...held.values()].map((queue) => queue.close()));
    },
  };
}

/** Now, and then again and again; one that is under way is waited for. Returns its end. */
function every(ms: number, act: () => Promise<void>): () => void {
  let busy = false;
  const run = (): void => {
    if (busy) return;
    busy = true;
    void act()
      .catch(() => undefined)
      .finally(() => (busy = false));
  };
  const timer = setInterval(run, ms);
  run();
  return () => clearInterval(timer);
}
