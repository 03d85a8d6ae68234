import { describe, type JsonObject } from '../json.ts';
import type { BilledTokens } from '../meter.ts';
import { invalidRequest } from '../openai-error.ts';
import { countTokens } from '../tokens.ts';
import { eventAnswer, jsonAnswer, type Operation, type OperationAnswer, type OperationRequest } from './operation.ts';
import { drawPng } from './png.ts';

/** Tokens of a picture that is sent or made: as many for each, whatever its size. */
const TOKENS_PER_IMAGE = 100;
const MOST_IMAGES = 10;
const USUAL_SIDE = 256;
const LONGEST_SIDE = 2_048;

/** `POST /v1/images/generations`. */
export const generateImages: Operation = (request) => answer(request, 'image_generation', 0);

/** `POST /v1/images/edits`: the picture that was sent decides nothing, but costs. */
export const editImages: Operation = (request) => {
  const pictures = request.files.filter((file) => file.name === 'image' || file.name === 'image[]');
  if (pictures.length === 0 && request.fields['images'] === undefined) throw invalidRequest('image must be a file.', 'image');
  return answer(request, 'image_edit', pictures.length);
};

function answer(request: OperationRequest, kind: string, sent: number): OperationAnswer {
  const { fields } = request;
  const { prompt } = fields;
  if (typeof prompt !== 'string' || prompt === '') throw invalidRequest(`prompt must be text, not ${describe(prompt)}.`, 'prompt');
  const count = readCount(fields['n']);
  const size = typeof fields['size'] === 'string' && fields['size'] !== 'auto' ? fields['size'] : `${USUAL_SIDE}x${USUAL_SIDE}`;
  const pictures = Array.from({ length: count }, (_, index) => draw(`${prompt}\n${index}`, size));
  const textTokens = countTokens(prompt);
  const usage = {
    input_tokens: textTokens + sent * TOKENS_PER_IMAGE,
    input_tokens_details: { text_tokens: textTokens, image_tokens: sent * TOKENS_PER_IMAGE },
    output_tokens: count * TOKENS_PER_IMAGE,
    output_tokens_details: { text_tokens: 0, image_tokens: count * TOKENS_PER_IMAGE },
    total_tokens: textTokens + (sent + count) * TOKENS_PER_IMAGE,
  };
  const billed = { promptTokens: usage.input_tokens, cachedTokens: 0, completionTokens: usage.output_tokens, images: count };
  if (fields['stream'] === true || fields['stream'] === 'true') return streamed(pictures, { kind, size, usage, billed }, fields);
  const data = pictures.map((png) => (fields['response_format'] === 'url' ? { url: `data:image/png;base64,${png}` } : { b64_json: png }));
  return jsonAnswer({ created: 1_750_000_000, size, output_format: 'png', data, usage }, billed);
}

interface Made {
  readonly kind: string;
  readonly size: string;
  readonly usage: JsonObject;
  readonly billed: BilledTokens;
}

/** The usage of all is stated once, with the last picture. */
function streamed(pictures: readonly string[], { kind, size, usage, billed }: Made, fields: JsonObject): OperationAnswer {
  const partials = typeof fields['partial_images'] === 'number' ? fields['partial_images'] : 0;
  const common = { created_at: 1_750_000_000, size, output_format: 'png' };
  const events = pictures.flatMap((png, index): JsonObject[] => [
    ...Array.from({ length: partials }, (_, at) => ({
      type: `${kind}.partial_image`,
      partial_image_index: at,
      b64_json: png,
      ...common,
    })),
    { type: `${kind}.completed`, b64_json: png, ...common, ...(index === pictures.length - 1 ? { usage } : {}) },
  ]);
  return eventAnswer(events, billed);
}

function readCount(n: unknown): number {
  const count = typeof n === 'string' ? Number(n) : (n ?? 1);
  if (typeof count === 'number' && Number.isSafeInteger(count) && count >= 1 && count <= MOST_IMAGES) return count;
  throw invalidRequest(`n must be an integer from 1 to ${MOST_IMAGES}.`, 'n');
}

function draw(text: string, size: string): string {
  const [, width, height] = /^(\d{1,4})x(\d{1,4})$/.exec(size) ?? [];
  const sides = [Number(width), Number(height)].map((side) => (side >= 1 && side <= LONGEST_SIDE ? side : undefined));
  const [across, down] = sides;
  if (across === undefined || down === undefined) throw invalidRequest(`size ${describe(size)} is not like 1024x1024.`, 'size');
  return drawPng(text, across, down).toString('base64');
}
