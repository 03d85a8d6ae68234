import { GatewayError } from '#contracts';
import type { StreamDecoder } from '../exchange.ts';
import { isRecord, parseRecord, recordAt, stringAt, type JsonRecord } from '../json/record.ts';
import { parseEvent } from '../sse/parse-event.ts';
import { wholeRest } from '../sse/whole-rest.ts';
import { createStreamState } from '../stream-state.ts';
import { createStreamDecoder } from '../stream-steps.ts';
import { readEvent } from './decode-stream.ts';
import { failed, failureOf, mapErrorValue } from './map-error.ts';
import { finishReasonOf } from './map-finish-reason.ts';
import { mapUsage } from './map-usage.ts';

/** Events that only say that an answer or an item has begun: while there are no others, another provider can still take over. */
const OPENINGS: ReadonlySet<string> = new Set([
  'response.created',
  'response.queued',
  'response.in_progress',
  'response.content_part.added',
  'response.reasoning_summary_part.added',
  'keepalive',
]);
/** Items that are empty when they begin; hosted tools are at work with theirs. */
const EMPTY_AT_FIRST: ReadonlySet<unknown> = new Set(['message', 'reasoning']);

/**
 * A stream for a client of the same format: whole events, byte for byte, comments included. Complete is a stream with
 * `response.completed` or `response.incomplete`, and nothing less.
 */
export function openRelayStream(): StreamDecoder {
  const state = createStreamState();

  const end = (data: JsonRecord): void => {
    const response = recordAt(data, 'response') ?? {};
    const failure = failureOf(response);
    if (failure !== undefined) throw failure;
    state.usage = mapUsage(response);
    state.finishReason = finishReasonOf(response);
    state.isDone = true;
  };

  const track = (type: string, data: JsonRecord): void => {
    if (type === 'response.completed' || type === 'response.incomplete') return end(data);
    if (type === 'response.failed') throw failed(recordAt(data, 'response') ?? {});
    state.hasContent ||= carriesContent(type, data);
    if (type.endsWith('.delta')) state.producedText += stringAt(data, 'delta') ?? '';
  };

  const handle = (raw: Buffer): Uint8Array | undefined => {
    const event = parseEvent(raw);
    if (event.data === undefined) return raw;
    const data = readEvent(event);
    // an end marker of other formats, and keep-alives that SDKs can't parse
    if (data === undefined) return undefined;
    track(stringAt(data, 'type') ?? event.event ?? '', data);
    return raw;
  };

  const close = (rest: Buffer | undefined): Uint8Array | undefined => {
    const whole = rest === undefined ? undefined : wholeRest(rest);
    const last = whole === undefined ? undefined : handle(whole);
    if (state.isDone) return last;
    throw new GatewayError('upstream_truncated', 'The provider ended its stream before the answer was complete.');
  };

  return createStreamDecoder({
    handle,
    close,
    errorOf: errorOfDocument,
    state,
  });
}

function carriesContent(type: string, data: JsonRecord): boolean {
  if (type === 'response.output_item.added') return !EMPTY_AT_FIRST.has(recordAt(data, 'item')?.['type']);
  return !OPENINGS.has(type);
}

function errorOfDocument(document: Buffer): GatewayError | undefined {
  const body = parseRecord(document.toString());
  return isRecord(body?.['error']) ? mapErrorValue(body) : undefined;
}
