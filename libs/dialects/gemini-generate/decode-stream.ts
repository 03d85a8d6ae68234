import { GatewayError } from '#contracts';
import type { EventDecoder } from '../dialect-codec.ts';
import { parseExact } from '../json/exact-json.ts';
import { isRecord, recordAt, type JsonRecord } from '../json/record.ts';
import { mapError } from './map-error.ts';
import { createAnswerReader } from './read-answer.ts';

/**
 * A stream of whole `GenerateContentResponse` objects as conversation events. It has no end event: complete is a stream that
 * stated a finish reason and then closed, for more may follow the reason (usage, a last signature). Throws `GatewayError` for an
 * error object and for what is no JSON.
 */
export function createStreamDecoder(): EventDecoder {
  const reader = createAnswerReader();
  const decode: EventDecoder = ({ data }) => {
    if (data === undefined || data.trim() === '') return [];
    const response = parse(data);
    if (recordAt(response, 'error') !== undefined) {
      throw mapError({ status: undefined, headers: {}, body: Buffer.from(data), nowMs: 0 });
    }
    return reader.read(response, data);
  };
  decode.close = () => reader.close();
  return decode;
}

function parse(data: string): JsonRecord {
  try {
    const value = parseExact(data);
    if (isRecord(value)) return value;
  } catch (cause) {
    throw invalidEvent(cause);
  }
  throw invalidEvent();
}

function invalidEvent(cause?: unknown): GatewayError {
  return new GatewayError('upstream_invalid_response', 'The provider sent a stream event that is not a JSON object.', { cause });
}
