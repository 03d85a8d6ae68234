import { createHash, hash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { type GatewayConfig, modelGroupSettings } from '#config';
import { passedHeaders } from '../chat/passed-headers.ts';
import type { ClientCall } from '../chat/read-request.ts';
import { readIdempotencyKey } from './idempotency-key.ts';

/** A request whose answer may be given to several: which ones, and what must be the same. */
export interface SharedAnswer {
  /**
   * `retries`: requests with one idempotency key, for as long as the answer is kept. `twins`: identical ones while the first is under way.
   * `askers`: those that wait for the same entry of the cache while the first is under way.
   */
  readonly among: 'retries' | 'twins' | 'askers';
  /** Hash of the virtual key, or who shares cached answers: nothing is shared between two of them. A subject token, as the name. */
  readonly owner: string;
  readonly name: string;
  readonly fingerprint: string;
}

export interface SharingRequest {
  readonly call: ClientCall;
  /** The client's bytes; of a form its parts, without the boundary that differs each time. */
  readonly body: Uint8Array;
  readonly headers: IncomingHttpHeaders;
  readonly owner: string;
  /** The model group after the key's aliases. */
  readonly model: string;
}

/** Undefined for a request that has an answer of its own, as most. Throws `invalid_request` for a bad idempotency key. */
export function sharedAnswer(request: SharingRequest, config: Pick<GatewayConfig, 'modelGroups'>): SharedAnswer | undefined {
  const { headers, owner } = request;
  const key = readIdempotencyKey(headers);
  if (key !== undefined) return { among: 'retries', owner, name: hash('sha256', key), fingerprint: fingerprintOf(request, []) };
  if (!isSingleFlight(headers['x-headrace-single-flight'], modelGroupSettings(config, request.model)?.singleFlight)) return undefined;
  const fingerprint = fingerprintOf(request, answerHeaders(headers));
  return { among: 'twins', owner, name: `twin-${fingerprint}`, fingerprint };
}

function isSingleFlight(header: string | string[] | undefined, ofGroup: boolean | undefined): boolean {
  return header === undefined ? ofGroup === true : header === '1' || header === 'true';
}

/** Headers of the gateway that say who asks, and nothing of what. */
const WHO_ASKS = new Set([
  'x-headrace-single-flight',
  'x-headrace-session',
  'x-headrace-agent',
  'x-litellm-api-key',
  'x-litellm-customer-id',
  'x-litellm-end-user-id',
  'x-litellm-session-id',
  'x-litellm-trace-id',
  'x-litellm-agent-id',
]);

/** What a client says in headers of how its answer is made: requests that differ in it are no twins. */
function answerHeaders(headers: IncomingHttpHeaders): unknown[] {
  const own = Object.entries(headers).filter(([name]) => /^x-(?:headrace|litellm)-/.test(name) && !WHO_ASKS.has(name));
  return [passedHeaders(headers), own.toSorted(([a], [b]) => (a < b ? -1 : 1))];
}

/** SHA-256 of the route with what its address says, and the body's bytes. */
export function fingerprintOf({ call, body }: Pick<SharingRequest, 'call' | 'body'>, more: readonly unknown[]): string {
  const { dialect, model, stream, asArray = false, uploadDigest } = call;
  const route = JSON.stringify([dialect, model, stream, asArray, uploadDigest, ...more]);
  // no JSON text has a bare line feed: the body can't run into what stands before it
  return createHash('sha256').update(`${route}\n`).update(body).digest('hex');
}
