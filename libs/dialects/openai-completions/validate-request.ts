import type { JsonRecord } from '../json/record.ts';
import { invalidField as invalid } from '../openai-chat/invalid-field.ts';
import { checkBoolean, checkInteger, checkModel, checkNumber } from '../openai-chat/validate-request.ts';

const MAX_CHOICES = 128;

/** Structure of a completions request. Throws `GatewayError` `invalid_request` with the field in `param`. */
export function validateRequest(body: JsonRecord): void {
  checkModel(body['model']);
  checkPrompt(body['prompt']);
  checkInteger(body, 'n', { min: 1, max: MAX_CHOICES });
  checkInteger(body, 'best_of', { min: 1, max: MAX_CHOICES });
  checkInteger(body, 'max_tokens', { min: 0 });
  checkNumber(body, 'temperature', { min: 0, max: 2 });
  checkNumber(body, 'top_p', { min: 0, max: 1 });
  checkBoolean(body, 'stream');
  checkBoolean(body, 'echo');
}

function checkPrompt(prompt: unknown): void {
  if (typeof prompt === 'string') return;
  const list: readonly unknown[] = Array.isArray(prompt) ? prompt : [];
  const isOfOneKind = isTokens(list) || list.every((entry) => typeof entry === 'string') || list.every(isTokens);
  if (list.length === 0 || !isOfOneKind) throw invalid('prompt', 'must be a string, an array of strings, or tokens as integers');
}

function isTokens(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.every(Number.isSafeInteger);
}
