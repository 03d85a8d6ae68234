import type { AnswerStore } from '#bus';
import { type AnswerClaim, type AnswerEvent, decodeAnswer, encodeAnswer, GatewayError, type RecordedAnswer } from '#contracts';
import { openWhenNeeded } from '#runtime';
import type { IngressLog } from '../resources.ts';
import type { SharedAnswer } from './shared-answer.ts';

/** Who answers a name: this ingress from now on, or who claimed it before. */
export type Taken =
  | { readonly isOurs: true; readonly revision: number }
  | { readonly isOurs: false; readonly revision: number; readonly claim: AnswerClaim };

/** The store of claims and answers as the ingress uses it. */
export interface KeptAnswers {
  /** Claims the name; `after` is the revision of a claim to be replaced, 0 for none. Throws `service_unavailable`. */
  take(shared: SharedAnswer, after: number): Promise<Taken>;
  /** Throws `service_unavailable`. Undefined when it is gone before its claim: the size limit took it. */
  read(owner: string, job: string): Promise<RecordedAnswer | undefined>;
  /** Stores the answer, undefined for one that is too large. Resolves when it is stored or can't be; never rejects. */
  keep(shared: SharedAnswer, revision: number, job: string, events: readonly AnswerEvent[] | undefined): Promise<void>;
  /** The next request of this name runs again. Never rejects. */
  release(revision: number): Promise<void>;
  /** Resolves when nothing is being stored. */
  settled(): Promise<void>;
}

export interface KeptAnswersOptions {
  readonly ingressId: string;
  /** Called at the first use, and again after a failure: most ingresses never see such a request. */
  readonly open: () => Promise<AnswerStore>;
  readonly log: IngressLog;
}

export function createKeptAnswers({ ingressId, open, log }: KeptAnswersOptions): KeptAnswers {
  const store = openWhenNeeded(open);
  const underWay = new Set<Promise<void>>();

  const follow = (work: Promise<void>, failure: string): Promise<void> => {
    const safe = work.catch((error: unknown) => log.warn({ err: error }, failure));
    underWay.add(safe);
    return safe.finally(() => underWay.delete(safe));
  };

  return {
    take: (shared, after) => available(async () => takeFrom(await store(), shared, { ingressId, after })),
    read: (owner, job) =>
      available(async () => {
        const document = await (await store()).answers.get(owner, job);
        return document && decodeAnswer(document);
      }),
    keep: (shared, revision, job, events) =>
      follow(
        store().then((kept) => keepIn(kept, { shared, revision, ingressId }, job, events)),
        'an answer could not be kept: a retry of its request runs again',
      ),
    release: (revision) =>
      follow(
        store().then((kept) => kept.release(revision)),
        'the claim of an answer could not be removed',
      ),
    async settled() {
      await Promise.all(underWay);
    },
  };
}

async function takeFrom(
  store: AnswerStore,
  shared: SharedAnswer,
  by: { readonly ingressId: string; readonly after: number },
): Promise<Taken> {
  const { owner, name, fingerprint } = shared;
  const claim: AnswerClaim = { v: 1, state: 'running', fingerprint, ingress: by.ingressId };
  for (let { after } = by; ; after = 0) {
    const revision = await store.claim(owner, name, claim, after);
    if (revision !== undefined) return { isOurs: true, revision };
    const found = await store.find(owner, name);
    if (found !== undefined) return { isOurs: false, ...found };
  }
}

async function keepIn(
  store: AnswerStore,
  ours: { readonly shared: SharedAnswer; readonly revision: number; readonly ingressId: string },
  job: string,
  events: readonly AnswerEvent[] | undefined,
): Promise<void> {
  const { owner, name, fingerprint } = ours.shared;
  if (events !== undefined) await store.answers.put(owner, job, encodeAnswer({ job, events }));
  const state = events === undefined ? 'too_large' : 'kept';
  const claim: AnswerClaim = { v: 1, state, fingerprint, ingress: ours.ingressId, job };
  const revision = await store.claim(owner, name, claim, ours.revision);
  if (revision === undefined) throw new Error('another ingress has claimed the answer meanwhile');
}

async function available<T>(question: () => Promise<T>): Promise<T> {
  try {
    return await question();
  } catch (cause) {
    const message = 'The answer to this Idempotency-Key could not be looked up at this moment. Try again.';
    throw new GatewayError('service_unavailable', message, { cause, retryAfterMs: 1_000 });
  }
}
