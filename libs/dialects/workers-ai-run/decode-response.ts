import { GatewayError } from '#contracts';
import type { ConversationAnswer } from '../conversation/answer.ts';
import { parseExact } from '../json/exact-json.ts';
import { isRecord, recordAt, textOf, type JsonRecord } from '../json/record.ts';
import { decodeResponse as decodeCompletion } from '../openai-chat/decode-response.ts';
import { answerMark } from './answer-mark.ts';
import { asCompletion } from './as-completion.ts';
import { isFailure, mapError } from './map-error.ts';

/** A whole answer, in its wrapper or (from an AI gateway) without. Throws `GatewayError`: `upstream_invalid_response`, or the error inside a 200. */
export function decodeResponse(body: Uint8Array): ConversationAnswer {
  const answer = parseAnswer(body);
  if (isFailure(answer)) throw mapError({ status: undefined, headers: {}, body, nowMs: 0 });
  const result = recordAt(answer, 'result') ?? answer;
  if (!('response' in result) && !('tool_calls' in result) && !('choices' in result)) throw invalidAnswer();
  const completion = asCompletion(result, 'message', result['finish_reason'] ?? 'stop');
  return decodeCompletion(Buffer.from(JSON.stringify(withAnswerId(completion, body))));
}

/** Calls without ids are named after their answer. */
function withAnswerId(completion: JsonRecord, body: Uint8Array): JsonRecord {
  return completion['id'] === undefined ? { ...completion, id: answerMark(body) } : completion;
}

function parseAnswer(body: Uint8Array): JsonRecord {
  try {
    const value = parseExact(textOf(body));
    if (isRecord(value)) return value;
  } catch (cause) {
    throw invalidAnswer(cause);
  }
  throw invalidAnswer();
}

function invalidAnswer(cause?: unknown): GatewayError {
  return new GatewayError('upstream_invalid_response', "The provider sent an answer without 'result'.", { cause });
}
