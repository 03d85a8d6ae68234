import type { PulledJob } from '#bus';
import { InvalidMessage, type SubmissionName } from '#contracts';
import type { IngressResources } from '../resources.ts';
import { openRuns } from '../runs/serve-run.ts';
import { burySubmission } from './bury-submission.ts';
import { cancelSubmitted } from './cancel-submitted.ts';
import { createHoldSubmission } from './hold-submission.ts';
import type { LaneDepth } from './lane-depth.ts';
import type { OwnerHolds } from './owner-holds.ts';
import { nameSubmission, type NamedSubmission } from './read-submission.ts';
import { takeSubmission } from './take-submission.ts';

/** Works one message off: settles it, moves it, gives it back or buries it. Never rejects. */
export type SubmissionWork = (pulled: PulledJob, from: 'lane' | 'held') => Promise<void>;

export interface SubmissionWorkOptions {
  readonly resources: IngressResources;
  readonly depth: LaneDepth;
  readonly holds: OwnerHolds;
  /** Others of this owner wait already: this one goes behind them. */
  readonly hasWaiting: (name: SubmissionName) => boolean;
  /** One was put into its owner's own queue. */
  readonly onHeld: (name: SubmissionName) => void;
  /** What everybody needs is away. */
  readonly onAway: () => void;
}

const FAILED_AGAIN_MS = 5_000;
const MOST_FAILURES = 3;

export function createSubmissionWork(options: SubmissionWorkOptions): SubmissionWork {
  const { resources, depth, holds, hasWaiting, onHeld, onAway } = options;
  const { now, log } = resources;
  const holdSubmission = createHoldSubmission(resources);

  const move = async (named: NamedSubmission): Promise<void> => {
    await holdSubmission(named);
    named.pulled.settle();
    onHeld(named.name);
  };
  const take = async (pulled: PulledJob, from: 'lane' | 'held'): Promise<void> => {
    const store = await openRuns(resources);
    if (pulled.subject.startsWith('submit.cancel.')) return cancelSubmitted(pulled, store);
    const named = nameSubmission(pulled);
    const until = holds.until(named.name.owner);
    if (from === 'held' && until !== undefined) return pulled.handBack(until - now());
    if (from === 'lane' && (until !== undefined || hasWaiting(named.name))) return move(named);
    const outcome = await takeSubmission(named, { store, depth, resources });
    if (outcome.kind === 'done') return pulled.settle();
    if (outcome.kind === 'behind') return pulled.handBack(outcome.untilMs - now());
    log.debug({ jobId: named.run.job, code: outcome.code }, 'submission waits');
    if (outcome.who === 'everybody') onAway();
    else holds.hold(named.name.owner, outcome.untilMs);
    if (outcome.who === 'owner' && from === 'lane') return move(named);
    pulled.handBack(outcome.untilMs - now());
  };
  return async (pulled, from) => {
    try {
      await take(pulled, from);
    } catch (error) {
      await fail(pulled, error, resources).catch(() => pulled.handBack(FAILED_AGAIN_MS));
    }
  };
}

/** Unreadable: buried at once. Anything else is tried again a few times first. */
async function fail(pulled: PulledJob, error: unknown, resources: IngressResources): Promise<void> {
  const isUnreadable = error instanceof InvalidMessage;
  if (!isUnreadable) resources.log.error({ err: error, subject: pulled.subject }, 'submission could not be taken');
  if (!isUnreadable && pulled.delivery < MOST_FAILURES) return pulled.handBack(FAILED_AGAIN_MS);
  await burySubmission(pulled, error instanceof Error ? error.message : String(error), resources);
  pulled.settle();
}
