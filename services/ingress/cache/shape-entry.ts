import type { CacheEntry } from '#cache';
import { NO_USAGE } from '#contracts';
import { readWrittenAnswer, reshapeAnswer } from '#dialects';
import type { AnswerForm } from './cache-question.ts';

/**
 * The bytes of an entry in the form a client wants: as they are, or the same answer as a stream or as one document. Undefined where that can't
 * be made of it: then it is a miss.
 */
export function shapeEntry(entry: CacheEntry, form: AnswerForm): { readonly contentType: string; readonly body: Uint8Array } | undefined {
  const { isStream, hasUsage, contentType } = entry.facts;
  if (isStream === form.isStream && (!isStream || hasUsage === form.hasUsage)) return { contentType, body: entry.body };
  const shapes = shaped.get(entry) ?? new Map<string, Uint8Array | undefined>();
  shaped.set(entry, shapes);
  const name = `${form.isStream} ${form.hasUsage}`;
  if (!shapes.has(name)) shapes.set(name, reshape(entry, form));
  const body = shapes.get(name);
  return body && { contentType: form.isStream ? 'text/event-stream; charset=utf-8' : 'application/json', body };
}

/** Made once for as long as the entry is in memory. */
const shaped = new WeakMap<CacheEntry, Map<string, Uint8Array | undefined>>();

function reshape({ facts, body }: CacheEntry, form: AnswerForm): Uint8Array | undefined {
  const { dialect, isStream } = facts;
  const read = readWrittenAnswer({ dialect, isStream, body });
  if (read === undefined) return undefined;
  const usage = read.usage ?? facts.usage ?? NO_USAGE;
  const context = {
    answerId: facts.job.replace(/^job_/, ''),
    createdAt: Math.floor(facts.storedAt / 1_000),
    includeUsage: form.hasUsage,
  };
  return reshapeAnswer({ ...read.conversation, usage }, { dialect, isStream: form.isStream }, context);
}
