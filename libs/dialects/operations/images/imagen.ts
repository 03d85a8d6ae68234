import { GatewayError, NO_USAGE } from '#contracts';
import type { DecodedAnswer, Exchange, ExchangeInput } from '../../exchange.ts';
import { methodPath } from '../../gemini-generate/model-path.ts';
import { isRecord, type JsonRecord } from '../../json/record.ts';
import { finishExchange, JSON_HEADERS, type MapError } from '../operation.ts';
import { invalidAnswer, readAnswer } from '../read-answer.ts';
import { readFields } from '../read-fields.ts';

/** OpenAI's sizes as the shapes Imagen makes (https://ai.google.dev/gemini-api/docs/imagen); others have no counterpart. */
const SHAPES: Readonly<Record<string, string>> = {
  '256x256': '1:1',
  '512x512': '1:1',
  '1024x1024': '1:1',
  '1792x1024': '16:9',
  '1024x1792': '9:16',
  '1280x896': '4:3',
  '896x1280': '3:4',
  '1:1': '1:1',
  '3:4': '3:4',
  '4:3': '4:3',
  '9:16': '9:16',
  '16:9': '16:9',
};
/** Fields with a meaning here, `response_format` because the answer is base64 anyway. */
const KNOWN = new Set(['model', 'prompt', 'n', 'size', 'response_format', 'user', 'stream']);

/** Imagen's `:predict`, the same on AI Studio and Vertex. It counts pictures, not tokens. */
export function openImagenExchange(input: ExchangeInput, mapError: MapError): Exchange {
  if (input.stream)
    throw new GatewayError('unsupported_parameter', 'The provider of this model does not stream pictures.', { param: 'stream' });
  const fields = readFields(input);
  const { prompt } = fields.values;
  const size = shapeOf(fields.values['size'], fields.refuse);
  if (fields.values['response_format'] === 'url') fields.refuse('response_format', 'It gives pictures as base64 only.');
  const n = fields.values['n'] ?? 1;
  const parameters = { sampleCount: n, ...(size === undefined ? {} : { aspectRatio: size }), ...fields.others(KNOWN) };
  const nowMs = input.createdAt * 1_000;
  const images = typeof n === 'number' ? n : 1;
  return finishExchange(
    {
      path: methodPath(input.upstreamModel, 'predict'),
      headers: JSON_HEADERS,
      body: Buffer.from(JSON.stringify({ instances: [{ prompt }], parameters })),
      dropped: fields.dropped,
      decodeAnswer: (answer) => decode(readAnswer(answer, mapError, nowMs), input),
      estimateUsage: () => ({ ...NO_USAGE, images, estimated: true }),
    },
    input,
    mapError,
  );
}

function shapeOf(size: unknown, refuse: (param: string, why: string) => void): string | undefined {
  if (size === undefined || size === null || size === 'auto') return undefined;
  const shape = typeof size === 'string' && Object.hasOwn(SHAPES, size) ? SHAPES[size] : undefined;
  if (shape === undefined) refuse('size', `It makes ${[...new Set(Object.values(SHAPES))].join(', ')}.`);
  return shape;
}

/** A picture that was filtered out has a reason in place of its bytes. */
function decode(answer: JsonRecord, input: ExchangeInput): DecodedAnswer {
  const predictions = answer['predictions'];
  const list: readonly unknown[] = Array.isArray(predictions) ? predictions : [];
  const data = list.flatMap((one) =>
    isRecord(one) && typeof one['bytesBase64Encoded'] === 'string'
      ? [{ b64_json: one['bytesBase64Encoded'], ...(typeof one['prompt'] === 'string' ? { revised_prompt: one['prompt'] } : {}) }]
      : [],
  );
  if (data.length === 0) throw nothingMade(list);
  const body = Buffer.from(JSON.stringify({ created: input.createdAt, data }));
  return { body, usage: { ...NO_USAGE, images: data.length }, finishReason: undefined };
}

function nothingMade(predictions: readonly unknown[]): GatewayError {
  const reason = predictions.map((one) => (isRecord(one) ? one['raiFilteredReason'] : undefined)).find((text) => typeof text === 'string');
  if (reason !== undefined) return new GatewayError('content_policy_violation', String(reason).slice(0, 500));
  return invalidAnswer('an answer without pictures');
}
