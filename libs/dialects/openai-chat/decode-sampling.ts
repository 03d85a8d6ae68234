import type { ConversationRequest } from '../conversation/request.ts';
import type { JsonRecord } from '../json/record.ts';
import { invalidField } from './invalid-field.ts';

export type Sampling = Pick<
  ConversationRequest,
  'temperature' | 'topP' | 'topK' | 'frequencyPenalty' | 'presencePenalty' | 'seed' | 'stop'
>;

/**
 * The parameters that have the same name in every format with OpenAI's spelling, whether the client sent them or they are a
 * deployment's default. `stopField` is where the stop sequences are. Throws `GatewayError` `invalid_request`.
 */
export function decodeSampling(body: JsonRecord, stopField = 'stop'): Sampling {
  return {
    temperature: numberAt(body, 'temperature'),
    topP: numberAt(body, 'top_p'),
    topK: numberAt(body, 'top_k'),
    frequencyPenalty: numberAt(body, 'frequency_penalty'),
    presencePenalty: numberAt(body, 'presence_penalty'),
    seed: numberAt(body, 'seed'),
    stop: decodeStop(body[stopField], stopField),
  };
}

/** Undefined for a field that is absent or null. Throws `GatewayError` `invalid_request` for anything but a number. */
export function numberAt(body: JsonRecord, field: string): number | undefined {
  const value = body[field];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'number') throw invalidField(field, 'must be a number');
  return value;
}

/** One sequence or a list of them. */
function decodeStop(stop: unknown, field: string): string[] {
  if (stop === undefined || stop === null) return [];
  const list: readonly unknown[] = Array.isArray(stop) ? stop : [stop];
  return list.map((sequence, index) => {
    if (typeof sequence !== 'string') throw invalidField(`${field}[${index}]`, 'must be a string');
    return sequence;
  });
}
