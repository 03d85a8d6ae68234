import { createHash } from 'node:crypto';
import { describe } from '../json.ts';
import { NOTHING_BILLED } from '../meter.ts';
import { invalidRequest } from '../openai-error.ts';
import { countTokens, splitTokens } from '../tokens.ts';
import { jsonAnswer, type Operation } from './operation.ts';

const USUAL_DIMENSIONS = 256;
const MOST_DIMENSIONS = 4_096;

/** `POST /v1/embeddings`: the same text has the same vector everywhere, and texts that share words have near ones. */
export const embeddings: Operation = ({ model, fields }) => {
  const inputs = readInputs(fields['input']);
  const dimensions = readDimensions(fields['dimensions']);
  const asBase64 = fields['encoding_format'] === 'base64';
  const promptTokens = inputs.reduce((total, input) => total + (typeof input === 'string' ? countTokens(input) : input.length), 0);
  const data = inputs.map((input, index) => {
    const vector = embed(typeof input === 'string' ? splitTokens(input.toLowerCase()) : input.map(String), dimensions);
    return { object: 'embedding', index, embedding: asBase64 ? Buffer.from(vector.buffer).toString('base64') : [...vector] };
  });
  const usage = { prompt_tokens: promptTokens, total_tokens: promptTokens };
  return jsonAnswer({ object: 'list', data, model, usage }, { ...NOTHING_BILLED, promptTokens });
};

function readInputs(input: unknown): readonly (string | readonly number[])[] {
  if (typeof input === 'string' && input !== '') return [input];
  if (!Array.isArray(input) || input.length === 0) throw invalidRequest(`input must be text, not ${describe(input)}.`, 'input');
  if (input.every((entry): entry is number => typeof entry === 'number')) return [input];
  return input.map((entry: unknown, index) => {
    if (typeof entry === 'string' && entry !== '') return entry;
    if (Array.isArray(entry) && entry.every((token): token is number => typeof token === 'number')) return entry;
    throw invalidRequest(`input[${index}] must be text or token numbers, not ${describe(entry)}.`, `input[${index}]`);
  });
}

function readDimensions(value: unknown): number {
  if (value === undefined || value === null) return USUAL_DIMENSIONS;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 1 && value <= MOST_DIMENSIONS) return value;
  throw invalidRequest(`dimensions must be an integer from 1 to ${MOST_DIMENSIONS}.`, 'dimensions');
}

/** The sum of a pseudo-random vector for each word, of length 1. */
export function embed(words: readonly string[], dimensions: number): Float32Array {
  const sum = new Float32Array(dimensions);
  for (const word of words) {
    const seed = createHash('sha256').update(word.trim()).digest();
    let state = seed.readUInt32LE(0) || 1;
    for (let at = 0; at < dimensions; at += 1) {
      // xorshift32
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      sum[at] = (sum[at] ?? 0) + state / 2_147_483_648;
    }
  }
  const length = Math.hypot(...sum) || 1;
  return sum.map((value) => value / length);
}
