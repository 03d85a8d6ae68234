import { LRUCache } from 'lru-cache';
import type { RunPart, RunStore } from '#bus';
import type { JobMeta, RunEnd, RunName } from '#contracts';
import { ChurnMap, openWhenNeeded } from '#runtime';
import type { IngressLog } from '../resources.ts';
import type { AnswerCache } from './answer-cache.ts';
import type { CacheQuestion } from './cache-question.ts';
import { entryOf } from './record-answer.ts';

/** Keeps the answers of jobs without a connection when they end, and says which of them are asked for at the moment. Of this ingress alone. */
export interface RunAnswers {
  /**
   * `call`: this job is the one that asks, until its end, `forget` or its deadline. `wait`: another one asks the same; `crowd`: very many wait for it.
   * What ended lately without an answer to keep is not waited for: its like would run one after another.
   */
  begin(question: CacheQuestion, job: string, deadlineAt: number): 'call' | 'wait' | 'crowd';
  /** Call it before the job is queued: its answer is kept from then on. Never rejects; without ends to follow nothing is kept. */
  expect(question: CacheQuestion, meta: JobMeta): Promise<void>;
  /** It was not queued. */
  forget(job: string): void;
}

export interface RunAnswersOptions {
  readonly runs: () => Promise<Pick<RunStore, 'followEnds' | 'readAnswer'>>;
  readonly answers: Pick<AnswerCache, 'keep'>;
  readonly onRelease: (release: () => void) => void;
  readonly log: IngressLog;
  readonly now: () => number;
}

interface Asking {
  readonly key: string;
  readonly question: CacheQuestion;
  readonly job: string;
  /** Once it is to be queued. */
  readonly meta: JobMeta | undefined;
  /** An end that never comes is not waited for for ever. */
  readonly timer: NodeJS.Timeout;
  /** How often others were told to wait. */
  looks: number;
}

/** A job's end comes behind its deadline where its worker died: it is looked for a little longer. */
const GRACE_MS = 60_000;
const UNKEPT_MS = 60_000;
/** Those that look again count again. */
const CROWD_LOOKS = 2_000;

export function createRunAnswers({ runs, answers, onRelease, log, now }: RunAnswersOptions): RunAnswers {
  const asking = new ChurnMap<Asking>();
  const unkept = new LRUCache<string, true>({ max: 1_000, ttl: UNKEPT_MS });
  const byKey = new ChurnMap<Asking>();

  const forget = (job: string): void => {
    const asked = asking.get(job);
    if (asked === undefined) return;
    clearTimeout(asked.timer);
    asking.delete(job);
    if (byKey.get(asked.key)?.job === job) byKey.delete(asked.key);
  };
  const ask = (question: CacheQuestion, job: string, deadlineAt: number, meta?: JobMeta): Asking => {
    const looks = asking.get(job)?.looks ?? 0;
    forget(job);
    const timer = setTimeout(() => forget(job), Math.max(0, deadlineAt - now()) + GRACE_MS);
    timer.unref();
    const asked = { key: `${question.scope}.${question.hash}`, question, job, meta, timer, looks };
    asking.set(job, asked);
    if (question.controls.mayRead && byKey.get(asked.key) === undefined) byKey.set(asked.key, asked);
    return asked;
  };
  const keep = async ({ key, question, meta }: Asking, { name, facts, bytes }: RunPart): Promise<void> => {
    const end = facts as RunEnd;
    const isWhole = end.state === 'succeeded' && end.bodyRef === undefined;
    const entry = meta && isWhole ? await entryOfRun({ question, meta, name, end, bytes }, await runs(), now()) : undefined;
    if (entry === undefined) unkept.set(key, true);
    else await answers.keep(question.scope, entry);
  };
  const follow = openWhenNeeded(async () => {
    const store = await runs();
    const follower = await store.followEnds((part) => {
      const { job } = part.name;
      const asked = asking.get(job);
      if (asked === undefined) return;
      void keep(asked, part)
        .catch((error: unknown) => log.warn({ err: error, jobId: job }, 'the answer of a job could not be kept'))
        .finally(() => forget(job));
    });
    onRelease(() => follower.close());
  });

  return {
    begin(question, job, deadlineAt) {
      const key = `${question.scope}.${question.hash}`;
      const other = byKey.get(key);
      if (other === undefined || other.job === job || unkept.has(key)) {
        ask(question, job, deadlineAt);
        return 'call';
      }
      other.looks += 1;
      return other.looks > CROWD_LOOKS ? 'crowd' : 'wait';
    },
    async expect(question, meta) {
      ask(question, meta.id, meta.deadlineAt, meta);
      try {
        await follow();
      } catch (error) {
        forget(meta.id);
        log.warn({ err: error }, 'ends of jobs could not be followed: their answers are not kept');
      }
    },
    forget,
  };
}

interface EndedRun {
  readonly question: CacheQuestion;
  readonly meta: JobMeta;
  readonly name: RunName;
  readonly end: RunEnd;
  readonly bytes: Uint8Array;
}

/** By the rules for all answers (`entryOf`); a stream that another attempt went on with counts as patched. */
async function entryOfRun({ question, meta, name, end, bytes }: EndedRun, store: Pick<RunStore, 'readAnswer'>, now: number) {
  const answer = await store.readAnswer(name, end, bytes);
  if (answer?.head === undefined || answer.bytes.length > question.settings.maxEntryBytes) return undefined;
  const { usage, cost } = end;
  const isPatched = meta.onStreamFailure !== undefined && end.attempt > 1;
  const billed = usage === undefined ? undefined : { usage, cost };
  return entryOf({ head: answer.head, body: Buffer.from(answer.bytes) }, question, { meta, billed, isPatched }, now);
}
