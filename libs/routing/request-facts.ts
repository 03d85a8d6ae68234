import type { Attribution } from '#contracts';
import { prefixHash } from './affinity/prefix-hash.ts';
import { estimateInputTokens, mostInputTokens } from './estimate-input-tokens.ts';

/** What strategies may ask of a request. Those that cost something are worked out at the first question, and then kept. */
export interface RequestFacts {
  readonly stream: boolean;
  readonly tags: readonly string[];
  readonly sessionId: string | undefined;
  /** The key's hash. */
  readonly caller: string;
  /** An estimate. */
  inputTokens(): number;
  /** A bound, for budgets. */
  mostInputTokens(): number;
  /** The most output tokens the client asked for. */
  readonly maxOutputTokens: number | undefined;
  /** Of what later requests of the same conversation begin with; undefined for requests that have no such beginning. */
  prefixHash(): number | undefined;
}

export interface RequestFactsInput {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly bodyBytes: number;
  readonly stream: boolean;
  readonly by: Pick<Attribution, 'keyHash' | 'sessionId' | 'tags'>;
}

export function createRequestFacts({ fields, bodyBytes, stream, by }: RequestFactsInput): RequestFacts {
  let tokens: number | undefined;
  let prefix: { readonly hash: number | undefined } | undefined;
  const inputTokens = (): number => (tokens ??= estimateInputTokens(fields, bodyBytes));
  return {
    stream,
    tags: by.tags ?? [],
    sessionId: by.sessionId,
    caller: by.keyHash,
    inputTokens,
    mostInputTokens: () => mostInputTokens(inputTokens()),
    maxOutputTokens: maxOutputTokens(fields),
    prefixHash: () => (prefix ??= { hash: prefixHash(fields) }).hash,
  };
}

function maxOutputTokens(fields: Readonly<Record<string, unknown>>): number | undefined {
  const stated = fields['max_completion_tokens'] ?? fields['max_tokens'] ?? fields['max_output_tokens'] ?? googleLimit(fields);
  return typeof stated === 'number' && stated > 0 ? stated : undefined;
}

function googleLimit({ generationConfig }: Readonly<Record<string, unknown>>): unknown {
  if (typeof generationConfig !== 'object' || generationConfig === null) return undefined;
  return 'maxOutputTokens' in generationConfig ? generationConfig.maxOutputTokens : undefined;
}
