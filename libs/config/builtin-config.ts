import { DEFAULT_TIER } from '#contracts';
import type { GatewayConfig } from './gateway-config.ts';
import type { Deployment } from './settings/deployment.ts';
import type { PriceOverride } from './settings/price-settings.ts';
import { DEFAULT_GENERAL, DEFAULT_LITELLM } from './sections/read-general.ts';
import { DEFAULT_HEALTH } from './sections/read-health.ts';
import { DEFAULT_IDEMPOTENCY } from './sections/read-idempotency.ts';
import { DEFAULT_MEDIA } from './sections/read-media.ts';
import { DEFAULT_PRICES } from './sections/read-price-settings.ts';
import { DEFAULT_QUEUEING } from './sections/read-queueing.ts';
import { DEFAULT_RESPONSES } from './sections/read-responses.ts';
import { DEFAULT_ROUTER } from './sections/read-router.ts';
import { DEFAULT_ROUTING } from './sections/read-routing.ts';

const SANDBOX = 'sandbox';

/** A price, so that the first request shows a cost. */
const SANDBOX_PRICES: PriceOverride = {
  inputUsd: '0.00000015',
  outputUsd: '0.0000006',
  cacheReadUsd: undefined,
  cacheWriteUsd: undefined,
  cacheWrite1hUsd: undefined,
  further: { cost_per_image: '0.04', cost_per_second: '0.0001', cost_per_character: '0.000015', cost_per_query: '0.002' },
};

/** What each model of the sandbox does, in LiteLLM's words. */
const SANDBOX_MODES: Readonly<Record<string, string | undefined>> = {
  echo: 'chat',
  tools: 'chat',
  slow: 'chat',
  embed: 'embedding',
  image: 'image_generation',
  speech: 'audio_speech',
  transcribe: 'audio_transcription',
  moderate: 'moderation',
  rerank: 'rerank',
  '*': undefined,
};

/** What runs when no file is given: the models that the product itself serves, which need no key. */
export function builtinConfig(): GatewayConfig {
  return {
    file: undefined,
    deployments: Object.entries(SANDBOX_MODES).map(sandboxDeployment),
    router: DEFAULT_ROUTER,
    routing: DEFAULT_ROUTING,
    queueing: DEFAULT_QUEUEING,
    health: DEFAULT_HEALTH,
    general: DEFAULT_GENERAL,
    litellm: DEFAULT_LITELLM,
    media: DEFAULT_MEDIA,
    responses: DEFAULT_RESPONSES,
    idempotency: DEFAULT_IDEMPOTENCY,
    modelGroups: {},
    prices: DEFAULT_PRICES,
    warnings: [],
  };
}

function sandboxDeployment([model, mode]: readonly [string, string | undefined]): Deployment {
  return {
    id: `${SANDBOX}-${model === '*' ? 'any' : model}`,
    modelGroup: `${SANDBOX}/${model}`,
    provider: SANDBOX,
    upstreamModel: model,
    apiBase: undefined,
    apiKey: undefined,
    extraHeaders: {},
    defaultParams: {},
    tier: DEFAULT_TIER,
    weight: undefined,
    rpm: undefined,
    tpm: undefined,
    timeoutMs: undefined,
    streamTimeoutMs: undefined,
    maxParallelRequests: undefined,
    dropParams: false,
    prices: SANDBOX_PRICES,
    baseModel: undefined,
    modelInfo: mode === undefined ? {} : { mode },
  };
}
