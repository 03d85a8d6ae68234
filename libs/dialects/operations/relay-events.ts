import { GatewayError, type TokenUsage } from '#contracts';
import type { StreamDecoder } from '../exchange.ts';
import { parseRecord, stringAt, type JsonRecord } from '../json/record.ts';
import { parseEvent } from '../sse/parse-event.ts';
import { wholeRest } from '../sse/whole-rest.ts';
import { createStreamState } from '../stream-state.ts';
import { createStreamDecoder } from '../stream-steps.ts';
import { addUsage } from './map-usage.ts';
import type { MapError } from './operation.ts';

export interface EventRelayOptions {
  /** What one event says about the stream's end and its usage. */
  readonly track: (event: JsonRecord, type: string | undefined) => TrackedEvent;
  /** How many end events make a whole stream: one for each picture. */
  readonly ends?: number;
  readonly mapError: MapError;
  readonly nowMs: number;
}

export interface TrackedEvent {
  readonly isEnd: boolean;
  /** Added up over the events that state any. */
  readonly usage?: TokenUsage | undefined;
  readonly text?: string | undefined;
}

/**
 * A stream of typed events (transcripts, pictures, speech), relayed byte for byte. Whole is one that had its end events, whether
 * or not `[DONE]` follows; one that closes before is `upstream_truncated`.
 */
export function openEventRelay(options: EventRelayOptions): StreamDecoder {
  const expected = options.ends ?? 1;
  let ends = 0;
  const state = createStreamState();

  const handle = (raw: Buffer): Uint8Array | undefined => {
    const { event, data } = parseEvent(raw);
    if (data === undefined) return raw;
    if (data.trim() === '') return undefined;
    if (data.trim() === '[DONE]') return finish(raw);
    const body = parseRecord(data);
    if (body === undefined) throw new GatewayError('upstream_invalid_response', 'The provider sent a stream event that is not JSON.');
    const type = stringAt(body, 'type') ?? event;
    if (type === 'error' || (body['error'] !== undefined && body['error'] !== null)) throw errorOf(data);
    const tracked = options.track(body, type);
    if (tracked.isEnd) ends += 1;
    if (tracked.usage !== undefined) state.usage = addTo(state.usage, tracked.usage);
    state.producedText += tracked.text ?? '';
    state.hasContent = true;
    return raw;
  };

  const errorOf = (data: string): GatewayError =>
    options.mapError({ status: undefined, headers: {}, body: Buffer.from(data), nowMs: options.nowMs });

  const finish = (marker: Uint8Array | undefined): Uint8Array | undefined => {
    // a host may make fewer pictures than it was asked for: its own [DONE] is taken for that
    if (ends < (marker === undefined ? expected : 1)) throw truncated();
    state.isDone = true;
    return marker;
  };

  const close = (rest: Buffer | undefined): Uint8Array | undefined => {
    const whole = rest === undefined ? undefined : wholeRest(rest);
    const last = whole === undefined ? undefined : handle(whole);
    if (!state.isDone) finish(undefined);
    return last;
  };

  return createStreamDecoder({
    handle,
    close,
    errorOf: (document) => (parseRecord(document.toString())?.['error'] === undefined ? undefined : errorOf(document.toString())),
    state,
  });
}

function addTo(usage: TokenUsage | undefined, more: TokenUsage): TokenUsage {
  return usage === undefined ? more : addUsage(usage, more);
}

function truncated(): GatewayError {
  return new GatewayError('upstream_truncated', 'The provider ended its stream before the answer was complete.');
}
