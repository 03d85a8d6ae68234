import { NO_USAGE, type TokenUsage } from '#contracts';
import type { DecodedAnswer } from '../../exchange.ts';
import { textOf, type JsonRecord } from '../../json/record.ts';
import { mapOperationUsage, numberAt } from '../map-usage.ts';
import type { MapError } from '../operation.ts';
import { invalidAnswer, readAnswer } from '../read-answer.ts';

export interface TranscriptDecoding {
  readonly mapError: MapError;
  readonly nowMs: number;
  readonly estimateUsage: () => TokenUsage;
}

/** A whole transcript in any of its formats; only what is metered is read. */
export function decodeTranscript(body: Uint8Array, decoding: TranscriptDecoding): DecodedAnswer {
  const text = textOf(body);
  if (!text.trimStart().startsWith('{')) return { body, usage: usageOfText(text, decoding), finishReason: undefined };
  const answer = readAnswer(body, decoding.mapError, decoding.nowMs);
  if (typeof answer['text'] !== 'string') throw invalidAnswer("an answer without 'text'");
  return { body, usage: usageOfTranscript(answer, decoding), finishReason: undefined };
}

function usageOfTranscript(answer: JsonRecord, { estimateUsage }: TranscriptDecoding): TokenUsage {
  const stated = mapOperationUsage(answer['usage']);
  const seconds = numberAt(answer, 'duration');
  if (stated !== undefined)
    return seconds === undefined || stated.audioSeconds !== undefined ? stated : { ...stated, audioSeconds: seconds };
  return seconds === undefined ? estimateUsage() : { ...NO_USAGE, audioSeconds: seconds };
}

/** Subtitles end with the last word, which is near enough the recording's length for an estimate. */
function usageOfText(text: string, { estimateUsage }: TranscriptDecoding): TokenUsage {
  const seconds = lastSubtitleSecond(text);
  return seconds === undefined ? estimateUsage() : { ...NO_USAGE, audioSeconds: seconds, estimated: true };
}

/** `00:00:01,000 --> 00:00:04,200` in SRT; WebVTT writes a point and may leave the hours out. */
const SUBTITLE_TIME = /--> (?:(\d+):)?(\d{2}):(\d{2})[.,](\d{3})/g;

function lastSubtitleSecond(text: string): number | undefined {
  const last = [...text.matchAll(SUBTITLE_TIME)].at(-1);
  if (last === undefined) return undefined;
  const [, hours = '0', minutes = '0', seconds = '0', millis = '0'] = last;
  return Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds) + Number(millis) / 1_000;
}
