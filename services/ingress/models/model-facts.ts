import { pricedDeployment } from '#attempts';
import type { Deployment } from '#config';
import { NO_USAGE } from '#contracts';
import type { Pricer, PriceSource } from '#pricing';

/** What is known of a model beside its name: from `model_info` of its first deployment, the price catalogue, and its name. */
export interface ModelFacts {
  /** In LiteLLM's words: `chat`, `embedding`, `image_generation`, `audio_speech`, `audio_transcription`, `moderation`, `rerank`. */
  readonly mode: string;
  readonly max_input_tokens: number | null;
  readonly max_output_tokens: number | null;
  /** US dollars, exact decimal text; null where no price is known. */
  readonly input_cost_per_token: string | null;
  readonly output_cost_per_token: string | null;
  readonly price_source: PriceSource;
  /** `supports_vision` and the like, as the operator states them. */
  readonly [supports: `supports_${string}`]: boolean;
}

/** Names that give away what a model does, for those whose `model_info` has no `mode`. */
const MODE_OF_NAME: readonly (readonly [RegExp, string])[] = [
  [/rerank/i, 'rerank'],
  [/embed|(?:^|[/-])(?:bge|e5|gte)-/i, 'embedding'],
  [/moderation|llama-guard/i, 'moderation'],
  [/whisper|transcribe/i, 'audio_transcription'],
  [/(?:^|[/-])tts(?:-|$)/i, 'audio_speech'],
  [/dall-e|gpt-image|imagen|stable-diffusion|flux/i, 'image_generation'],
];

export function modelFacts(deployment: Deployment | undefined, sources: { readonly pricer: Pricer; readonly at: Date }): ModelFacts {
  const info = deployment?.modelInfo ?? {};
  return {
    ...supportsOf(info),
    mode: typeof info['mode'] === 'string' ? info['mode'] : modeOfName(deployment?.upstreamModel ?? ''),
    max_input_tokens: countOf(info['max_input_tokens'] ?? info['max_tokens']),
    max_output_tokens: countOf(info['max_output_tokens']),
    ...pricesOf(deployment, sources),
  };
}

function modeOfName(name: string): string {
  return MODE_OF_NAME.find(([pattern]) => pattern.test(name))?.[1] ?? 'chat';
}

function supportsOf(info: Readonly<Record<string, unknown>>): Readonly<Record<`supports_${string}`, boolean>> {
  const supports: Record<`supports_${string}`, boolean> = {};
  for (const [name, value] of Object.entries(info)) {
    if (isSupport(name) && typeof value === 'boolean') supports[name] = value;
  }
  return supports;
}

function isSupport(name: string): name is `supports_${string}` {
  return name.startsWith('supports_');
}

function countOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : null;
}

type Prices = Pick<ModelFacts, 'input_cost_per_token' | 'output_cost_per_token' | 'price_source'>;

const UNKNOWN: Prices = { input_cost_per_token: null, output_cost_per_token: null, price_source: 'unknown' };

/** Of the first token: what a call of one input and one output token costs, part by part. */
function pricesOf(deployment: Deployment | undefined, { pricer, at }: { readonly pricer: Pricer; readonly at: Date }): Prices {
  if (deployment === undefined) return UNKNOWN;
  const priced = (tokens: { inputTokens: number; outputTokens: number }) =>
    pricer.price({ deployment: pricedDeployment(deployment), usage: { ...NO_USAGE, ...tokens }, at });
  const input = priced({ inputTokens: 1, outputTokens: 0 });
  if (input.cost === undefined) return UNKNOWN;
  const output = priced({ inputTokens: 0, outputTokens: 1 });
  return {
    input_cost_per_token: input.cost.inputUsd,
    output_cost_per_token: output.cost?.outputUsd ?? null,
    price_source: input.source,
  };
}
