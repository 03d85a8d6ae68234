import { GatewayError } from '#contracts';
import type { ConversationAnswer } from '../conversation/answer.ts';
import { parseExact } from '../json/exact-json.ts';
import { isRecord, recordAt, stringAt, textOf, type JsonRecord } from '../json/record.ts';
import { answerMark, decodeCalls, mapFinishReason, mapUsage } from './decode-line.ts';
import { mapError } from './map-error.ts';

/** A whole answer. Throws `GatewayError`: `upstream_invalid_response`, or the error the server put into a 200. */
export function decodeResponse(body: Uint8Array): ConversationAnswer {
  const answer = parseAnswer(textOf(body));
  if (answer['error'] !== undefined) throw mapError({ status: undefined, headers: {}, body, nowMs: 0 });
  const message = recordAt(answer, 'message');
  if (message === undefined) throw invalidAnswer("an answer without 'message'");
  // `load` and `unload` answer requests without messages; an unfinished answer must not pass for a whole one
  if (answer['done'] !== true) throw invalidAnswer('an answer that is not done');
  const thinking = stringAt(message, 'thinking');
  const toolCalls = decodeCalls(message, 0, answerMark(answer));
  return {
    model: stringAt(answer, 'model') ?? '',
    text: stringAt(message, 'content') ?? '',
    reasoning: thinking === undefined ? [] : [{ type: 'plain', text: thinking }],
    toolCalls,
    finishReason: mapFinishReason(answer, toolCalls.length > 0),
    usage: mapUsage(answer),
  };
}

/** Arguments are objects here and text elsewhere: their numbers keep all their digits. */
function parseAnswer(text: string): JsonRecord {
  try {
    const value = parseExact(text);
    if (isRecord(value)) return value;
  } catch (cause) {
    throw invalidAnswer('an answer that is not JSON', cause);
  }
  throw invalidAnswer('an answer that is not a JSON object');
}

function invalidAnswer(what: string, cause?: unknown): GatewayError {
  return new GatewayError('upstream_invalid_response', `The provider sent ${what}.`, { cause });
}
