import type { FastifyReply, FastifyRequest } from 'fastify';
import type { CacheEntry } from '#cache';
import type { JobMeta } from '#contracts';
import type { Caller } from '../auth/caller.ts';
import type { ClientResponse } from '../chat/client-response.ts';
import type { ClientCall } from '../chat/read-request.ts';
import { requestDeadline } from '../chat/request-deadline.ts';
import { serveShared } from '../idempotency/serve-shared.ts';
import type { SharedAnswer } from '../idempotency/shared-answer.ts';
import type { PendingJob } from '../job/pending-job.ts';
import type { IngressResources } from '../resources.ts';
import type { CacheQuestion } from './cache-question.ts';
import { embedQuestion } from './embed-question.ts';
import { giveEntry } from './give-entry.ts';
import { noteHit } from './note-hit.ts';
import { AnswerCopy, entryOf, wasPatched } from './record-answer.ts';

export interface CachedCall {
  readonly question: CacheQuestion;
  readonly call: ClientCall;
  readonly caller: Caller;
  /** The model group after aliases. */
  readonly model: string;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly run: (call: ClientCall) => Promise<void>;
}

/** A job needs the same servers: what can't be claimed in this time is run without waiting for others. */
const CLAIM_WITHIN_MS = 2_000;

/**
 * Answers a call from the cache or, where it has no answer, runs it and keeps what it is answered. Those who ask for the same entry meanwhile
 * wait for that one job: memory, then store, then a claim that all replicas see, then the store once more, for whoever held the claim before.
 */
export async function serveCached(cached: CachedCall, resources: IngressResources): Promise<void> {
  const { question, call, request } = cached;
  const { controls, scope, hash } = question;
  if (!controls.mayRead) return runAndKeep(cached, call, resources);
  if (giveFromMemory(cached, 'memory', resources)) return;
  await resources.answerCache.fetch(scope, hash);
  if (giveFromMemory(cached, 'store', resources)) return;
  if (!controls.mayStore) return runAndKeep(cached, call, resources);
  const stored = Promise.withResolvers<void>();
  await serveShared(
    {
      ...cached,
      shared: askersOf(question),
      deadlineAt: requestDeadline(resources.now(), request.headers, call.fields, resources.config),
      headers: markOf(question, 'joined'),
      claimWithinMs: CLAIM_WITHIN_MS,
      isAnswered: () => giveFromMemory(cached, 'memory', resources),
      stored: stored.promise,
      onFollowed: () => noteHit(cached, { job: resources.newJobId(), entry: resources.answerCache.peek(scope, hash) }, resources),
      run: async (own) => {
        // what another replica kept while this one held the store for away would be asked for twice
        await resources.answerCache.fetch(scope, hash, { evenWhileAway: true });
        if (giveFromMemory(cached, 'store', resources)) return stored.resolve();
        const looked = await giveSimilar(cached, resources);
        if (looked.isGiven) return stored.resolve();
        await runAndKeep(cached, { ...own, answerHeaders: { ...own.answerHeaders, ...looked.headers } }, resources, stored.resolve);
      },
    },
    resources,
  );
}

/** Whoever asks for a stream can't follow one who asks for a document. A stored response is found by its own key alone. */
function askersOf({ scope, owner, hash, form, request }: CacheQuestion): SharedAnswer {
  const name = `cache-${hash}-${form.isStream ? (form.hasUsage ? 'u' : 's') : 'd'}`;
  return { among: 'askers', owner: request.dialect === 'openai-responses' ? owner : scope, name, fingerprint: name };
}

function giveFromMemory(cached: CachedCall, from: 'memory' | 'store', resources: IngressResources): boolean {
  const { question } = cached;
  const entry = resources.answerCache.peek(question.scope, question.hash);
  if (entry === undefined || isTooOld(entry, question, resources.now())) return false;
  const isGiven = giveEntry(entry, cached, resources);
  if (isGiven) resources.metrics.cacheLookups.inc({ result: from });
  return isGiven;
}

/** Only where a group is named for it: the others never wait for it. */
async function giveSimilar(cached: CachedCall, resources: IngressResources): Promise<SimilarLook> {
  const { question, caller } = cached;
  if (question.settings.semantic === undefined) return NOT_LOOKED;
  const { entry, similarity, embeddingCostUsd } = await resources.similarAnswers.find(question, embedQuestion(caller, resources));
  const headers = embeddingCostUsd === undefined ? NO_HEADERS : { 'x-headrace-cache-embedding-cost-usd': embeddingCostUsd };
  if (entry === undefined || similarity === undefined || isTooOld(entry, question, resources.now())) return { isGiven: false, headers };
  const isGiven = giveEntry(entry, cached, resources, { similarity, headers });
  if (isGiven) resources.metrics.cacheLookups.inc({ result: 'similar' });
  return { isGiven, headers };
}

interface SimilarLook {
  readonly isGiven: boolean;
  /** Of the answer: what it cost to look. */
  readonly headers: Readonly<Record<string, string>>;
}

const NO_HEADERS: SimilarLook['headers'] = {};
const NOT_LOOKED: SimilarLook = { isGiven: false, headers: NO_HEADERS };

export function isTooOld({ facts }: CacheEntry, { controls: { maxAgeMs } }: CacheQuestion, now: number): boolean {
  return maxAgeMs !== undefined && now - facts.storedAt > maxAgeMs;
}

async function runAndKeep(cached: CachedCall, call: ClientCall, resources: IngressResources, onStored?: () => void): Promise<void> {
  const { question, caller } = cached;
  const { controls, settings, scope } = question;
  const result = controls.mayRead ? 'miss' : 'refresh';
  resources.metrics.cacheLookups.inc({ result });
  const answerHeaders = { ...call.answerHeaders, ...markOf(question, result) };
  if (!controls.mayStore || controls.ttlMs === 0) {
    onStored?.();
    return cached.run({ ...call, answerHeaders });
  }
  let copy: AnswerCopy | undefined;
  const watch = (response: ClientResponse, meta: JobMeta): ClientResponse => {
    copy = new AnswerCopy(call.watch?.(response, meta) ?? response, settings.maxEntryBytes);
    return copy;
  };
  const onOver = (job: PendingJob): void => {
    const entry: CacheEntry | undefined =
      copy && entryOf(copy.whole(), question, { meta: job.meta, billed: job.billed, isPatched: wasPatched(job) }, resources.now());
    if (entry === undefined) return onStored?.();
    if (settings.semantic !== undefined) void resources.similarAnswers.keep(question, entry, embedQuestion(caller, resources));
    void resources.answerCache.keep(scope, entry).then(onStored);
  };
  await cached.run({ ...call, answerHeaders, watch, onOver });
}

function markOf({ hash }: CacheQuestion, mark: 'miss' | 'refresh' | 'joined'): Record<string, string> {
  return { 'x-headrace-cache': mark, 'x-headrace-cache-key': hash, 'x-litellm-cache-key': hash };
}
