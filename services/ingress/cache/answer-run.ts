import type { CacheEntry } from '#cache';
import type { HeadMeta, JobMeta } from '#contracts';
import type { IngressResources } from '../resources.ts';
import type { CacheQuestion } from './cache-question.ts';
import { hitHeaders } from './give-entry.ts';
import { isTooOld } from './serve-cached.ts';
import { shapeEntry } from './shape-entry.ts';

/** A kept answer as the end of a job without a connection. */
export interface KeptRunAnswer {
  readonly entry: CacheEntry;
  readonly head: HeadMeta;
  readonly bytes: Uint8Array;
}

/** What an end may carry; NATS refuses messages above its `max_payload` (1 MB by default). */
const END_BYTES = 512 * 1024;

/**
 * What the cache has for a job without a connection: its answer; `call`: nothing, and nobody asks the same here at the moment; `wait`: somebody
 * does, `crowd`: and very many wait for it. What is too large for one message is called again. `call` holds the question until the job ends or is forgotten (`RunAnswers`).
 */
export async function answerRun(
  question: CacheQuestion,
  { id, deadlineAt }: Pick<JobMeta, 'id' | 'deadlineAt'>,
  resources: Pick<IngressResources, 'answerCache' | 'runAnswers' | 'metrics' | 'now'>,
): Promise<KeptRunAnswer | 'call' | 'wait' | 'crowd'> {
  const { controls, scope, hash } = question;
  const { answerCache, runAnswers, metrics, now } = resources;
  const look = (from: 'memory' | 'store'): KeptRunAnswer | undefined => {
    const entry = answerCache.peek(scope, hash);
    const found = entry && !isTooOld(entry, question, now()) ? shapeRun(entry, question, now()) : undefined;
    if (found !== undefined) metrics.cacheLookups.inc({ result: from });
    return found;
  };
  if (controls.mayRead) {
    const known = look('memory');
    if (known !== undefined) return known;
    await answerCache.fetch(scope, hash);
    const stored = look('store');
    if (stored !== undefined) return stored;
    const turn = controls.mayStore && controls.ttlMs !== 0 ? runAnswers.begin(question, id, deadlineAt) : 'call';
    if (turn !== 'call') return turn;
    // the one before may have ended while the store was asked
    const late = look('memory');
    if (late !== undefined) runAnswers.forget(id);
    if (late !== undefined) return late;
  }
  metrics.cacheLookups.inc({ result: controls.mayRead ? 'miss' : 'refresh' });
  return 'call';
}

function shapeRun(entry: CacheEntry, { form, hash }: CacheQuestion, now: number): KeptRunAnswer | undefined {
  const shaped = shapeEntry(entry, form);
  if (shaped === undefined || shaped.body.length > END_BYTES) return undefined;
  const headers = { ...hitHeaders(entry, hash, now), 'content-type': shaped.contentType };
  return { entry, head: { status: 200, headers }, bytes: shaped.body };
}
