import { GatewayError } from '#contracts';
import type { StreamDecoder } from '../exchange.ts';
import { parseRecord, type JsonRecord } from '../json/record.ts';
import { parseEvent } from '../sse/parse-event.ts';
import { wholeRest } from '../sse/whole-rest.ts';
import type { EventSplitter } from '../sse/split-events.ts';
import { createStreamState } from '../stream-state.ts';
import { createStreamDecoder } from '../stream-steps.ts';
import { DONE_EVENT } from './done-event.ts';
import { mapError } from './map-error.ts';
import { isErrorBody } from './relay-response.ts';
import { createChunkTracker } from './track-chunk.ts';

export interface RelayStreamOptions {
  /** Keep the usage-only chunk from the client, who did not ask for it. */
  readonly hidesUsage: boolean;
  /** `n` of the request. */
  readonly choices: number;
  readonly nowMs: number;
  /** Left out: server-sent events. */
  readonly openFraming?: (() => EventSplitter) | undefined;
}

/**
 * A stream for a client of the same dialect: whole events, byte for byte, comments included. Complete is a stream whose
 * choices all have a finish reason; `[DONE]` is added when the provider closes without it, and is an error before that.
 */
export function openRelayStream(options: RelayStreamOptions): StreamDecoder {
  const state = createStreamState();
  const tracker = createChunkTracker(state);

  const handle = (raw: Buffer): Uint8Array | undefined => {
    const { event, data } = parseEvent(raw);
    if (data === undefined) return raw;
    // a keep-alive some hosts use, and no JSON: SDKs fail on it
    if (data.trim() === '') return undefined;
    if (data.trim() === '[DONE]') return finish(raw);
    const chunk = parseRecord(data);
    if (chunk === undefined) throw invalidEvent();
    if (isErrorBody(chunk) || event === 'error') {
      throw mapError({ status: undefined, headers: {}, body: Buffer.from(data), nowMs: options.nowMs });
    }
    tracker.track(chunk);
    return options.hidesUsage && isUsageOnly(chunk) ? undefined : raw;
  };

  const finish = (marker: Uint8Array): Uint8Array => {
    // a host may give fewer choices than asked for: its own [DONE] is taken for that
    if (!tracker.isComplete(1)) throw truncated();
    state.isDone = true;
    return marker;
  };

  const close = (rest: Buffer | undefined): Uint8Array | undefined => {
    const whole = rest === undefined ? undefined : wholeRest(rest);
    const last = whole === undefined ? undefined : handle(whole);
    if (state.isDone) return last;
    if (!tracker.isComplete(options.choices)) throw truncated();
    state.isDone = true;
    return Buffer.concat([last ?? Buffer.alloc(0), Buffer.from(DONE_EVENT)]);
  };

  return createStreamDecoder(
    {
      handle,
      close,
      errorOf: (document) => errorOfDocument(document, options.nowMs),
      state,
    },
    options.openFraming,
  );
}

function errorOfDocument(document: Buffer, nowMs: number): GatewayError | undefined {
  const body = parseRecord(document.toString());
  return body !== undefined && isErrorBody(body) ? mapError({ status: undefined, headers: {}, body: document, nowMs }) : undefined;
}

function isUsageOnly(chunk: JsonRecord): boolean {
  const choices = chunk['choices'];
  return Array.isArray(choices) && choices.length === 0 && typeof chunk['usage'] === 'object' && chunk['usage'] !== null;
}

function invalidEvent(): GatewayError {
  return new GatewayError('upstream_invalid_response', 'The provider sent a stream event that is not JSON.');
}

function truncated(): GatewayError {
  return new GatewayError('upstream_truncated', 'The provider ended its stream before the answer was complete.');
}
