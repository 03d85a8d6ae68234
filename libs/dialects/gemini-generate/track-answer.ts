import type { TokenUsage } from '#contracts';
import { isRecord, recordAt, stringAt, type JsonRecord } from '../json/record.ts';
import type { StreamState } from '../stream-state.ts';
import { failureOfFinishReason, mapFinishReason, statedReason } from './map-finish-reason.ts';
import { mapUsage } from './map-usage.ts';

/** Reads the `GenerateContentResponse` objects of one relayed answer. */
export interface AnswerTracker {
  /** Throws `GatewayError` for calls the model got wrong. */
  track(response: JsonRecord): void;
  /** Every candidate that began has a finish reason; or the prompt was refused, which the client of this format is told as it is. */
  isComplete(): boolean;
}

/** Writes what they say into `state`, all but its end. */
export function createAnswerTracker(state: StreamState): AnswerTracker {
  const open = new Set<unknown>();
  const finished = new Set<unknown>();
  let isBlocked = false;
  let hasCalls = false;
  let searches = 0;
  let usage: TokenUsage | undefined;
  let stated: string | undefined;

  const trackPart = (part: JsonRecord): void => {
    state.hasContent = true;
    const call = recordAt(part, 'functionCall');
    if (typeof part['text'] === 'string') state.producedText += part['text'];
    if (call === undefined) return;
    hasCalls = true;
    state.producedText += `${stringAt(call, 'name') ?? ''}${JSON.stringify(call['args'] ?? {})}`;
  };

  const trackCandidate = (candidate: JsonRecord): void => {
    const index = candidate['index'] ?? 0;
    const parts = recordAt(candidate, 'content')?.['parts'];
    if (Array.isArray(parts)) parts.filter(isRecord).forEach(trackPart);
    const queries = recordAt(candidate, 'groundingMetadata')?.['webSearchQueries'];
    if (Array.isArray(queries)) searches = Math.max(searches, queries.length);
    const reason = statedReason(candidate['finishReason']);
    if (reason === undefined) {
      if (!finished.has(index)) open.add(index);
      return;
    }
    const failure = failureOfFinishReason(reason);
    if (failure !== undefined) throw failure;
    open.delete(index);
    finished.add(index);
    stated ??= reason;
  };

  const read = (response: JsonRecord): void => {
    const metadata = recordAt(response, 'usageMetadata');
    if (metadata !== undefined) usage = mapUsage(metadata);
    const { candidates } = response;
    if (Array.isArray(candidates)) candidates.filter(isRecord).forEach(trackCandidate);
    isBlocked ||= recordAt(response, 'promptFeedback')?.['blockReason'] !== undefined && finished.size + open.size === 0;
  };

  const conclude = (): void => {
    if (usage !== undefined) state.usage = searches === 0 ? usage : { ...usage, webSearches: searches };
    if (stated !== undefined) state.finishReason = mapFinishReason(stated, hasCalls);
    else if (isBlocked) state.finishReason = 'content_filter';
  };

  return {
    track: (response) => {
      try {
        read(response);
      } finally {
        // an answer that failed is paid for too
        conclude();
      }
    },
    isComplete: () => isBlocked || (open.size === 0 && finished.size > 0),
  };
}
