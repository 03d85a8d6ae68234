import { hash } from 'node:crypto';
import { GatewayError, type TokenUsage } from '#contracts';
import type { ConversationEvent } from '../conversation/stream-event.ts';
import { isRecord, recordAt, stringAt, type JsonRecord } from '../json/record.ts';
import { failureOfFinishReason, mapFinishReason, statedReason } from './map-finish-reason.ts';
import { mapUsage } from './map-usage.ts';
import { callSignature, signedThoughts } from './thought-signature.ts';

type Events = ConversationEvent[];

/** Reads the `GenerateContentResponse` objects of one answer: the pieces of a stream, or the one of a whole answer. */
export interface AnswerReader {
  /** `source` is the object's text. Throws `GatewayError` for a refused prompt and for calls the model got wrong. */
  read(response: JsonRecord, source: string): Events;
  /** What is due at the end of the connection: nothing before a finish reason was stated. */
  close(): Events;
}

const CALL_ID_CHARS = 24;

export function createAnswerReader(): AnswerReader {
  let hasStarted = false;
  let thoughts = '';
  let calls = 0;
  let finishReason: string | undefined;
  let usage: TokenUsage | undefined;
  let searches = 0;

  const readCall = (part: JsonRecord, call: JsonRecord, source: string): Events => {
    const index = calls;
    calls += 1;
    const id = stringAt(call, 'id') ?? `call_${hash('sha256', `${index}.${source}`).slice(0, CALL_ID_CHARS)}`;
    const signature = callSignature(stringAt(part, 'thoughtSignature'));
    return [
      { type: 'tool-call', index, id, name: stringAt(call, 'name') ?? '', signature },
      { type: 'tool-arguments', index, text: JSON.stringify(call['args'] ?? {}) },
    ];
  };

  const readPart = (part: JsonRecord, source: string): Events => {
    const call = recordAt(part, 'functionCall');
    if (call !== undefined) return readCall(part, call, source);
    const events: Events = [];
    const isThought = part['thought'] === true;
    const text = part['text'];
    if (typeof text === 'string' && text !== '') events.push({ type: isThought ? 'reasoning' : 'text', text });
    if (isThought && typeof text === 'string') thoughts += text;
    const image = imageOf(recordAt(part, 'inlineData'));
    if (image !== undefined) events.push({ type: 'text', text: '', image });
    const signature = stringAt(part, 'thoughtSignature');
    if (signature === undefined) return events;
    events.push({ type: 'reasoning-block', block: signedThoughts(thoughts, signature, isThought) });
    thoughts = '';
    return events;
  };

  const readCandidate = (candidate: JsonRecord, source: string): Events => {
    searches = Math.max(searches, searchesOf(candidate));
    const parts = recordAt(candidate, 'content')?.['parts'];
    const events = Array.isArray(parts) ? parts.filter(isRecord).flatMap((part) => readPart(part, source)) : [];
    const reason = statedReason(candidate['finishReason']);
    const failure = reason === undefined ? undefined : failureOfFinishReason(reason);
    if (failure !== undefined) throw failure;
    finishReason = reason ?? finishReason;
    return events;
  };

  const readUsage = (stated: JsonRecord | undefined): Events => {
    if (stated === undefined) return [];
    usage = mapUsage(stated);
    return [{ type: 'usage', usage }];
  };

  return {
    read: (response, source) => {
      const events: Events = hasStarted ? [] : [{ type: 'start', model: stringAt(response, 'modelVersion') ?? '' }];
      const candidate = firstCandidate(response);
      if (candidate === undefined) refuseBlocked(response);
      hasStarted = true;
      if (candidate !== undefined) events.push(...readCandidate(candidate, source));
      return [...events, ...readUsage(recordAt(response, 'usageMetadata'))];
    },
    close: () => {
      if (finishReason === undefined) return [];
      const events: Events = thoughts === '' ? [] : [{ type: 'reasoning-block', block: { type: 'plain', text: thoughts } }];
      if (usage !== undefined && searches > 0) events.push({ type: 'usage', usage: { ...usage, webSearches: searches } });
      return [...events, { type: 'finish', reason: mapFinishReason(finishReason, calls > 0) }];
    },
  };
}

/** The first of several: a request through the gateway asks for one. */
function firstCandidate(response: JsonRecord): JsonRecord | undefined {
  const candidates = response['candidates'];
  return Array.isArray(candidates) ? candidates.find(isRecord) : undefined;
}

/**
 * A refused prompt has no candidates. It is an error and no empty answer: another model may take it, and an agent would go on
 * with nothing.
 */
function refuseBlocked(response: JsonRecord): void {
  const feedback = recordAt(response, 'promptFeedback');
  const reason = feedback === undefined ? undefined : stringAt(feedback, 'blockReason');
  if (feedback === undefined || reason === undefined) return;
  const detail = stringAt(feedback, 'blockReasonMessage');
  throw new GatewayError(
    'content_policy_violation',
    `The provider refused the prompt (${reason})${detail === undefined ? '' : `: ${detail}`}.`,
  );
}

/** Pictures only: no client format here has a place for sound in an answer. */
function imageOf(data: JsonRecord | undefined): { readonly mediaType: string; readonly data: string } | undefined {
  const mediaType = data === undefined ? undefined : stringAt(data, 'mimeType');
  const bytes = data === undefined ? undefined : stringAt(data, 'data');
  return mediaType?.startsWith('image/') === true && bytes !== undefined ? { mediaType, data: bytes } : undefined;
}

function searchesOf(candidate: JsonRecord): number {
  const queries = recordAt(candidate, 'groundingMetadata')?.['webSearchQueries'];
  return Array.isArray(queries) ? queries.length : 0;
}
