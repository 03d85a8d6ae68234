import { describe, isObject } from '../json.ts';
import { NOTHING_BILLED } from '../meter.ts';
import { invalidRequest } from '../openai-error.ts';
import { jsonAnswer, type Operation } from './operation.ts';

/** Words that the sandbox takes for a sign of each category. */
const SIGNS: Readonly<Record<string, RegExp>> = {
  harassment: /\b(?:idiot|loser)\b/i,
  hate: /\bhate\b/i,
  'self-harm': /\bself-harm\b/i,
  sexual: /\bsexual\b/i,
  violence: /\b(?:kill|murder|attack)\b/i,
};
const SURE = 0.98;
const UNLIKELY = 0.0001;

/** `POST /v1/moderations`: free, as OpenAI's. */
export const moderations: Operation = ({ id, model, fields }) => {
  const results = readTexts(fields['input']).map((text) => {
    const categories = Object.fromEntries(Object.entries(SIGNS).map(([category, sign]) => [category, sign.test(text)]));
    const scores = Object.fromEntries(Object.entries(categories).map(([category, found]) => [category, found ? SURE : UNLIKELY]));
    return { flagged: Object.values(categories).includes(true), categories, category_scores: scores };
  });
  return jsonAnswer({ id: `modr-${id}`, model, results }, NOTHING_BILLED);
};

/** A list of texts has a result each; a list of parts (`text`, `image_url`) is one thing. */
function readTexts(input: unknown): readonly string[] {
  if (typeof input === 'string') return [input];
  if (Array.isArray(input) && input.every((entry): entry is string => typeof entry === 'string')) return input;
  if (Array.isArray(input) && input.every(isObject))
    return [input.map((part) => (typeof part['text'] === 'string' ? part['text'] : '')).join(' ')];
  throw invalidRequest(`input must be text, not ${describe(input)}.`, 'input');
}
