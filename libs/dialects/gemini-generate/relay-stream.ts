import { GatewayError } from '#contracts';
import type { StreamDecoder } from '../exchange.ts';
import { parseRecord, recordAt } from '../json/record.ts';
import { parseEvent } from '../sse/parse-event.ts';
import { wholeRest } from '../sse/whole-rest.ts';
import { createStreamState } from '../stream-state.ts';
import { createStreamDecoder } from '../stream-steps.ts';
import { mapError } from './map-error.ts';
import { createAnswerTracker } from './track-answer.ts';

/**
 * A stream for a client of the same dialect: whole events, byte for byte. It has no end event: complete is a stream whose
 * candidates all have a finish reason when the connection closes.
 */
export function openRelayStream(nowMs: number): StreamDecoder {
  const state = createStreamState();
  const tracker = createAnswerTracker(state);
  const errorOf = (body: Buffer): GatewayError => mapError({ status: undefined, headers: {}, body, nowMs });

  const handle = (raw: Buffer): Uint8Array | undefined => {
    const { data } = parseEvent(raw);
    if (data === undefined) return raw;
    if (data.trim() === '') return undefined;
    const response = parseRecord(data);
    if (response === undefined) throw new GatewayError('upstream_invalid_response', 'The provider sent a stream event that is not JSON.');
    if (recordAt(response, 'error') !== undefined) throw errorOf(Buffer.from(data));
    tracker.track(response);
    return raw;
  };

  const close = (rest: Buffer | undefined): Uint8Array | undefined => {
    const whole = rest === undefined ? undefined : wholeRest(rest);
    const last = whole === undefined ? undefined : handle(whole);
    state.isDone = tracker.isComplete();
    if (state.isDone) return last;
    throw new GatewayError('upstream_truncated', 'The provider ended its stream before the answer was complete.');
  };

  return createStreamDecoder({
    handle,
    close,
    errorOf: (document) => (document.includes('"error"') ? errorOf(document) : undefined),
    state,
  });
}
