import type { FoundRun } from '#bus';
import { type JobMeta, NO_USAGE, type RunEnd } from '#contracts';
import { answerRun, type KeptRunAnswer } from '../cache/answer-run.ts';
import { type AskedCall, cacheQuestion, type CacheQuestion } from '../cache/cache-question.ts';
import { noteHit } from '../cache/note-hit.ts';
import { keepUncalled } from '../prompts/keep-uncalled.ts';
import { claimOf } from '../runs/accept-run.ts';
import { metadataOf } from '../runs/serve-run.ts';
import type { NamedSubmission } from './read-submission.ts';
import { DONE, type SubmissionOutcome } from './submission-outcome.ts';
import type { TakeContext } from './take-submission.ts';

export interface AskedSubmission {
  readonly named: NamedSubmission;
  readonly asked: AskedCall;
  readonly planned: JobMeta;
}

export interface CacheAnswer {
  /** Undefined: it is to be called. */
  readonly outcome?: SubmissionOutcome | undefined;
  /** Its answer may be kept. */
  readonly question?: CacheQuestion | undefined;
}

/** Those that wait for another one's answer look again after this time. */
const LOOK_AGAIN_MS = 500;

/** Ends a submission with an answer that was kept, or lets it wait for one that asks the same. Throws as claims and ends do. */
export async function askCache(
  { named, asked, planned }: AskedSubmission,
  { accepted }: { readonly accepted: FoundRun | undefined },
  context: TakeContext,
): Promise<CacheAnswer> {
  const { resources } = context;
  const question = cacheQuestion(asked, resources);
  if (question === undefined) return {};
  const kept = await answerRun(question, planned, resources);
  if (kept === 'call') return { question };
  const untilMs = resources.now() + LOOK_AGAIN_MS;
  if (kept === 'wait') return { outcome: { kind: 'behind', untilMs } };
  // so many of one owner are not to fill the queue of its lane
  if (kept === 'crowd') return { outcome: { kind: 'wait', untilMs, who: 'owner', code: 'queue_full' } };
  const isOurs = await endWith(kept, { named, asked, planned }, accepted, context);
  if (isOurs) noteHit({ ...asked, question }, { job: planned.id, entry: kept.entry, lane: planned.lane }, resources);
  return { outcome: DONE };
}

/** False where one of its name was accepted, or has ended, meanwhile. */
async function endWith(
  { head, bytes }: KeptRunAnswer,
  { named: { run, pulled }, asked, planned }: AskedSubmission,
  accepted: FoundRun | undefined,
  { store, resources }: TakeContext,
): Promise<boolean> {
  if (accepted === undefined) {
    const claim = { ...claimOf(planned, metadataOf(asked.call)), submission: pulled.streamSeq };
    if ((await store.claim(run, claim)) === undefined) return false;
  }
  const at = resources.now();
  const end: RunEnd = {
    v: 1,
    job: run.job,
    id: planned.run?.id,
    state: 'succeeded',
    attempt: 1,
    head,
    usage: NO_USAGE,
    acceptedAt: accepted?.claim.acceptedAt ?? planned.acceptedAt,
    startedAt: at,
    endedAt: at,
    pieces: 0,
  };
  const isStored = await store.put(run, 'end', end, bytes);
  const { acceptedAt } = end;
  if (isStored)
    keepUncalled({ ...asked, job: run.job, acceptedAt, isPassed: true, end: { status: head.status, error: undefined, bytes } }, resources);
  return isStored;
}
