import { anthropic } from './anthropic.ts';
import { cerebras } from './cerebras.ts';
import { customOpenai } from './custom-openai.ts';
import { deepinfra } from './deepinfra.ts';
import { deepseek } from './deepseek.ts';
import { fireworksAi } from './fireworks-ai.ts';
import { groq } from './groq.ts';
import { hostedVllm } from './hosted-vllm.ts';
import { mistral } from './mistral.ts';
import { moonshot } from './moonshot.ts';
import { nebius } from './nebius.ts';
import { openaiLike } from './openai-like.ts';
import { openai } from './openai.ts';
import { openrouter } from './openrouter.ts';
import { perplexity } from './perplexity.ts';
import type { ProviderRecord } from './provider-record.ts';
import { sandbox } from './sandbox.ts';
import { togetherAi } from './together-ai.ts';
import { xai } from './xai.ts';

/** Every provider, one data file each. To add one: a file beside this and a line here. */
export const PROVIDERS: readonly ProviderRecord[] = [
  anthropic,
  cerebras,
  customOpenai,
  deepinfra,
  deepseek,
  fireworksAi,
  groq,
  hostedVllm,
  mistral,
  moonshot,
  nebius,
  openai,
  openaiLike,
  openrouter,
  perplexity,
  sandbox,
  togetherAi,
  xai,
];

const BY_ID: ReadonlyMap<string, ProviderRecord> = new Map(PROVIDERS.map((provider) => [provider.id, provider]));

export function findProvider(id: string): ProviderRecord | undefined {
  return BY_ID.get(id);
}
