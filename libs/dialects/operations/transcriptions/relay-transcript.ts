import { asGatewayError } from '#contracts';
import type { StreamDecoder, StreamStep } from '../../exchange.ts';
import { isRecord, stringAt, type JsonRecord } from '../../json/record.ts';
import { mapOperationUsage } from '../map-usage.ts';
import { openEventRelay, type TrackedEvent } from '../relay-events.ts';
import { decodeTranscript, type TranscriptDecoding } from './decode-transcript.ts';

/** Beginnings of an event stream (https://html.spec.whatwg.org/#server-sent-events). */
const STREAM_STARTS = ['data:', 'event:', 'id:', 'retry:', ':'];
const LONGEST_START = 6;

/**
 * The answer to `stream=true`: events, or the whole transcript from a model that does not stream (OpenAI's Whisper ignores the
 * wish). Which of the two it is shows in the first bytes.
 */
export function openTranscriptStream(decoding: TranscriptDecoding): StreamDecoder {
  const events = openEventRelay({ mapError: decoding.mapError, nowMs: decoding.nowMs, track: trackTranscript });
  const whole = openWholeTranscript(decoding);
  let start: Buffer = Buffer.alloc(0);
  let chosen: StreamDecoder | undefined;

  const choose = (isAll: boolean): StreamDecoder | undefined => {
    const text = start
      .toString('latin1')
      .replace(/^\u00ef\u00bb\u00bf/, '')
      .trimStart();
    if (STREAM_STARTS.some((begin) => text.startsWith(begin))) return events;
    return isAll || text.length >= LONGEST_START ? whole : undefined;
  };

  const push = (chunk: Uint8Array): StreamStep => {
    if (chosen !== undefined) return chosen.push(chunk);
    start = Buffer.concat([start, chunk]);
    chosen = choose(false);
    return chosen?.push(start) ?? NOTHING_YET;
  };
  const end = (): StreamStep => {
    if (chosen !== undefined) return chosen.end();
    chosen = choose(true) ?? whole;
    chosen.push(start);
    return chosen.end();
  };
  const decoder = {
    push: (chunk: Uint8Array) => told(push(chunk)),
    end: () => told(end()),
    usage: whole.usage,
    finishReason: whole.finishReason,
    producedText: '',
  };
  const told = (step: StreamStep): StreamStep => {
    const { usage, finishReason, producedText } = chosen ?? whole;
    Object.assign(decoder, { usage, finishReason, producedText });
    return step;
  };
  return decoder;
}

const NOTHING_YET: StreamStep = { bytes: undefined, hasContent: false, done: false, error: undefined };

/** OpenAI's typed events, and the chat chunks that vLLM sends in their place. */
function trackTranscript(event: JsonRecord, type: string | undefined): TrackedEvent {
  if (type === 'transcript.text.done') return { isEnd: true, usage: mapOperationUsage(event['usage']) };
  const choices: unknown = event['choices'];
  if (!Array.isArray(choices)) return { isEnd: false, text: stringAt(event, 'delta') };
  const choice: unknown = choices[0];
  const isEnd = isRecord(choice) && typeof choice['finish_reason'] === 'string';
  return { isEnd, usage: mapOperationUsage(event['usage']) };
}

function openWholeTranscript(decoding: TranscriptDecoding): StreamDecoder {
  const chunks: Uint8Array[] = [];
  let isOver = false;
  const decoder: StreamDecoder & { usage: StreamDecoder['usage'] } = {
    push: (chunk: Uint8Array): StreamStep => {
      if (!isOver) chunks.push(chunk);
      return { ...NOTHING_YET, done: isOver };
    },
    end: (): StreamStep => {
      if (isOver) return { ...NOTHING_YET, done: true };
      isOver = true;
      try {
        const answer = decodeTranscript(Buffer.concat(chunks), decoding);
        decoder.usage = answer.usage;
        return { bytes: answer.body, hasContent: true, done: true, error: undefined };
      } catch (error) {
        return { ...NOTHING_YET, error: asGatewayError(error) };
      }
    },
    usage: undefined,
    finishReason: undefined,
    producedText: '',
  };
  return decoder;
}
