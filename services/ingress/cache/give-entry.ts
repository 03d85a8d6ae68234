import { ROUTE_OF_DIALECT } from '#attempts';
import type { CacheEntry } from '#cache';
import type { JobMeta } from '#contracts';
import { asJsonArray } from '../chat/array-response.ts';
import { type ClientResponse, createClientResponse } from '../chat/client-response.ts';
import { idHeaders } from '../chat/id-headers.ts';
import type { IngressResources } from '../resources.ts';
import { noteHit } from './note-hit.ts';
import type { CachedCall } from './serve-cached.ts';
import { shapeEntry } from './shape-entry.ts';

/** Of an answer to a similar request. */
export interface SimilarFacts {
  /** Cosine. */
  readonly similarity: number;
  /** Of the answer, beside the usual ones. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Gives a client a kept answer, under an id of its own. False where it can't be had in the form that is asked for. */
export function giveEntry(entry: CacheEntry, cached: CachedCall, resources: IngressResources, similar?: SimilarFacts): boolean {
  const { question, call, reply } = cached;
  const shaped = shapeEntry(entry, question.form);
  if (shaped === undefined) return false;
  reply.hijack();
  if (reply.raw.destroyed) return true;
  const id = resources.newJobId();
  const response = openResponse(id, entry, cached);
  const headers = hitHeaders(entry, question.hash, resources.now());
  headers['content-type'] = shaped.contentType;
  if (similar !== undefined) {
    headers['x-headrace-cache-similarity'] = similar.similarity.toFixed(4);
    headers['x-litellm-semantic-similarity'] = similar.similarity.toFixed(4);
    Object.assign(headers, similar.headers);
  }
  response.end({ status: 200, headers }, shaped.body);
  resources.metrics.requests.inc({ route: ROUTE_OF_DIALECT[call.dialect], status: '200', code: '' });
  noteHit(cached, { job: id, entry, similarity: similar?.similarity }, resources);
  return true;
}

function openResponse(id: string, { facts }: CacheEntry, { question, call, reply, caller }: CachedCall): ClientResponse {
  const plain = createClientResponse({
    raw: reply.raw,
    dialect: call.dialect,
    headers: idHeaders(call.dialect, id),
    onHead: nothing,
    onDrain: nothing,
    onGone: nothing,
  });
  const shaped = call.asArray === true ? asJsonArray(plain, call.dialect) : plain;
  // another key's response is stored for this one too, so that it can go on from it
  if (call.watch === undefined || facts.owner === question.owner) return shaped;
  return call.watch(shaped, watchedMeta(facts.job, { question, call, caller }));
}

/** Of the job that made the answer: what an answer is stored by. */
function watchedMeta(id: string, { call, caller }: Pick<CachedCall, 'question' | 'call' | 'caller'>): JobMeta {
  const { dialect, stream, model } = call;
  return { v: 1, id, attempt: 1, cursor: 0, plan: [], lane: 'live', dialect, stream, model, acceptedAt: 0, deadlineAt: 0, by: caller.by };
}

/** Of an answer that was kept. */
export function hitHeaders({ facts }: CacheEntry, hash: string, now: number): Record<string, string> {
  const headers: Record<string, string> = {
    'x-headrace-cache': 'hit',
    'x-headrace-cache-key': hash,
    'x-litellm-cache-key': hash,
    'x-headrace-cache-age': String(Math.max(0, Math.floor((now - facts.storedAt) / 1_000))),
    'x-headrace-deployment': facts.deploymentId,
    'x-headrace-provider': facts.provider,
    'x-litellm-model-id': facts.deploymentId,
    'x-litellm-model-group': facts.modelGroup,
    'x-headrace-cost': 'total="0", source=cache',
    'x-headrace-cost-usd': '0',
    'x-litellm-response-cost': '0',
  };
  if (facts.costUsd !== undefined) headers['x-headrace-cache-saved-usd'] = facts.costUsd;
  return headers;
}

function nothing(): void {}
