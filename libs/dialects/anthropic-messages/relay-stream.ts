import { GatewayError } from '#contracts';
import type { StreamDecoder } from '../exchange.ts';
import { parseRecord } from '../json/record.ts';
import { parseEvent } from '../sse/parse-event.ts';
import { wholeRest } from '../sse/whole-rest.ts';
import { createStreamState } from '../stream-state.ts';
import { createStreamDecoder } from '../stream-steps.ts';
import { isFailure } from './decode-stream.ts';
import type { AnthropicHosting } from './hosting.ts';
import { isErrorBody } from './relay-response.ts';
import { createEventTracker } from './track-event.ts';

export interface RelayStreamOptions {
  readonly hosting: Pick<AnthropicHosting, 'mapError' | 'openFraming'>;
  readonly nowMs: number;
}

/**
 * A stream for a client of the same dialect: whole events, byte for byte, with pings, comments and events that are new to us.
 * Complete with `message_stop` and with nothing less; an `error` event fails the stream.
 */
export function openRelayStream({ hosting, nowMs }: RelayStreamOptions): StreamDecoder {
  const state = createStreamState();
  const track = createEventTracker(state);
  const errorOf = (body: Buffer): GatewayError => hosting.mapError({ status: undefined, headers: {}, body, nowMs });

  const handle = (raw: Buffer): Uint8Array | undefined => {
    const { event, data } = parseEvent(raw);
    if (data === undefined) return raw;
    const parsed = parseRecord(data);
    if (parsed === undefined) throw invalidEvent();
    if (isFailure(event, parsed)) throw errorOf(Buffer.from(data));
    track(parsed);
    return raw;
  };

  const close = (rest: Buffer | undefined): Uint8Array | undefined => {
    const whole = rest === undefined ? undefined : wholeRest(rest);
    const last = whole === undefined ? undefined : handle(whole);
    if (state.isDone) return last;
    throw new GatewayError('upstream_truncated', 'The provider ended its stream before the answer was complete.');
  };

  return createStreamDecoder(
    {
      handle,
      close,
      errorOf: (document) => {
        const body = parseRecord(document.toString());
        return body !== undefined && isErrorBody(body) ? errorOf(document) : undefined;
      },
      state,
    },
    hosting.openFraming,
  );
}

function invalidEvent(): GatewayError {
  return new GatewayError('upstream_invalid_response', 'The provider sent a stream event that is not JSON.');
}
