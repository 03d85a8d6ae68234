import type { ConversationRequest } from '../conversation/request.ts';
import type { EncodeRequestOptions } from '../dialect-codec.ts';
import { encodeRequest } from './encode-request.ts';

/** A request that asks for nothing. */
const EMPTY: ConversationRequest = {
  system: [],
  messages: [],
  tools: [],
  toolChoice: undefined,
  parallelToolCalls: undefined,
  maxOutputTokens: undefined,
  temperature: undefined,
  topP: undefined,
  topK: undefined,
  frequencyPenalty: undefined,
  presencePenalty: undefined,
  seed: undefined,
  stop: [],
  outputFormat: undefined,
  reasoningEffort: undefined,
  reasoningBudget: undefined,
  endUser: undefined,
  serviceTier: undefined,
  stream: false,
  extra: {},
};

export const user = (text: string): ConversationRequest['messages'][number] => ({ role: 'user', parts: [{ type: 'text', text }] });

/** The chat body for a conversation of one question and these changes, as it is sent. */
export function encode(change: Partial<ConversationRequest>, options: Partial<EncodeRequestOptions> = {}): Record<string, unknown> {
  const all = { quirks: {}, upstreamModel: 'm-1', dropParams: false, ...options };
  return JSON.parse(JSON.stringify(encodeRequest({ ...EMPTY, messages: [user('hi')], ...change }, all))) as Record<string, unknown>;
}
