import { GatewayError } from '#contracts';
import type { ExchangeInput } from '../../exchange.ts';
import { readFields } from '../read-fields.ts';

/** A request for embeddings, as every provider's format can express it. */
export interface EmbeddingsRequest {
  readonly texts: readonly string[];
  readonly dimensions: number | undefined;
  /** What the text is for, in the client's words: Cohere's `search_query`, Google's `RETRIEVAL_QUERY`. */
  readonly inputType: string | undefined;
  readonly asBase64: boolean;
  /** Fields that OpenAI's API does not have. */
  readonly extra: Readonly<Record<string, unknown>>;
  readonly dropped: readonly string[];
  refuse(param: string, why?: string): void;
  readonly chars: number;
}

/** `user` has done its work in the ledger: no other format has a place for it. */
const KNOWN = new Set(['model', 'input', 'dimensions', 'encoding_format', 'input_type', 'user']);

/** Throws `unsupported_parameter` for tokens in place of text: only OpenAI's own models know these numbers. */
export function readEmbeddings(input: ExchangeInput): EmbeddingsRequest {
  const fields = readFields(input);
  const { input: given, dimensions, encoding_format: format, input_type: inputType } = fields.values;
  const texts = textsOf(given);
  return {
    texts,
    dimensions: typeof dimensions === 'number' ? dimensions : undefined,
    inputType: typeof inputType === 'string' ? inputType : undefined,
    asBase64: format === 'base64',
    extra: fields.others(KNOWN),
    dropped: fields.dropped,
    refuse: fields.refuse,
    chars: texts.reduce((total, text) => total + text.length, 0),
  };
}

function textsOf(input: unknown): readonly string[] {
  if (typeof input === 'string') return [input];
  if (Array.isArray(input) && input.every((entry): entry is string => typeof entry === 'string')) return input;
  const message = "The provider of this model takes text in 'input', not token numbers.";
  throw new GatewayError('unsupported_parameter', message, { param: 'input', retry: 'elsewhere' });
}
