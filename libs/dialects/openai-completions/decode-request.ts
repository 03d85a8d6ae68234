import type { DecodedRequest, DecodeRequestOptions } from '../dialect-codec.ts';
import { createDroppedParams } from '../dropped-params.ts';
import type { JsonRecord } from '../json/record.ts';
import { decodeRequest as decodeChatRequest } from '../openai-chat/decode-request.ts';
import { unsupportedParameter } from '../openai-chat/unsupported-parameter.ts';

/** Fields that only a completions host has, each with the values that ask for nothing. */
const COMPLETIONS_ONLY: Readonly<Record<string, (value: unknown) => boolean>> = {
  suffix: (value) => value === '',
  echo: (value) => value === false,
  best_of: (value) => value === 1,
  // here a number: 0 asks for the chosen tokens' own
  logprobs: (value) => value === false,
};

/**
 * A completions request (https://platform.openai.com/docs/api-reference/completions) as a conversation of one user message. What a
 * chat can't express is refused by name, or dropped under `drop_params`. Throws `GatewayError` `unsupported_parameter`.
 */
export function decodeRequest(sent: JsonRecord, options: DecodeRequestOptions): DecodedRequest {
  const dropParams = options.dropParams || sent['drop_params'] === true;
  const { prompt, ...body } = sent;
  const chat: Record<string, unknown> = { ...body, messages: [{ role: 'user', content: promptText(prompt) }] };
  const { dropped, refuse } = createDroppedParams(dropParams);
  for (const [field, asksNothing] of Object.entries(COMPLETIONS_ONLY)) {
    const value = chat[field];
    delete chat[field];
    if (value === undefined || value === null || asksNothing(value)) continue;
    refuse(field);
  }
  const decoded = decodeChatRequest(chat, options);
  return { ...decoded, dropped: [...(decoded.dropped ?? []), ...dropped] };
}

/** Several prompts are several answers, and tokens need the model's own encoding: no setting can drop these. */
function promptText(prompt: unknown): string {
  const list: readonly unknown[] = Array.isArray(prompt) ? prompt : [prompt];
  const [text] = list;
  if (list.length === 1 && typeof text === 'string') return text;
  const isTokens = list.every((entry) => typeof entry === 'number' || Array.isArray(entry));
  throw unsupportedParameter('prompt', isTokens ? 'It takes a prompt as text, not as tokens.' : 'It takes one prompt per request.');
}
