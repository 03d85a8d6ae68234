import type { TokenUsage } from '#contracts';
import { isRecord, recordAt, stringAt, type JsonRecord } from '../json/record.ts';
import { failureOfFinishReason, mapFinishReason, statedReason } from './map-finish-reason.ts';
import { mapUsage } from './map-usage.ts';

/** What the `GenerateContentResponse` objects of one relayed answer have said so far. */
export interface AnswerTracker {
  /** Throws `GatewayError` for calls the model got wrong. */
  track(response: JsonRecord): void;
  /** Every candidate that began has a finish reason; or the prompt was refused, which the client of this format is told as it is. */
  readonly isComplete: boolean;
  readonly hasContent: boolean;
  readonly usage: TokenUsage | undefined;
  readonly finishReason: string | undefined;
  readonly producedText: string;
}

export function createAnswerTracker(): AnswerTracker {
  const open = new Set<unknown>();
  const finished = new Set<unknown>();
  let isBlocked = false;
  let hasContent = false;
  let hasCalls = false;
  let searches = 0;
  let usage: TokenUsage | undefined;
  let stated: string | undefined;
  let producedText = '';

  const trackPart = (part: JsonRecord): void => {
    hasContent = true;
    const call = recordAt(part, 'functionCall');
    if (typeof part['text'] === 'string') producedText += part['text'];
    if (call === undefined) return;
    hasCalls = true;
    producedText += `${stringAt(call, 'name') ?? ''}${JSON.stringify(call['args'] ?? {})}`;
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

  return {
    track: (response) => {
      const metadata = recordAt(response, 'usageMetadata');
      if (metadata !== undefined) usage = mapUsage(metadata);
      const { candidates } = response;
      if (Array.isArray(candidates)) candidates.filter(isRecord).forEach(trackCandidate);
      isBlocked ||= recordAt(response, 'promptFeedback')?.['blockReason'] !== undefined && finished.size + open.size === 0;
    },
    get isComplete() {
      return isBlocked || (open.size === 0 && finished.size > 0);
    },
    get hasContent() {
      return hasContent;
    },
    get usage() {
      return usage === undefined || searches === 0 ? usage : { ...usage, webSearches: searches };
    },
    get finishReason() {
      if (stated !== undefined) return mapFinishReason(stated, hasCalls);
      return isBlocked ? 'content_filter' : undefined;
    },
    get producedText() {
      return producedText;
    },
  };
}
