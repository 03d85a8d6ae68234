import { DEFAULT_TIER } from '#contracts';
import type { Deployment, GatewayConfig, PriceOverride } from './gateway-config.ts';
import { DEFAULT_GENERAL, DEFAULT_LITELLM } from './sections/read-general.ts';
import { DEFAULT_ROUTER } from './sections/read-router.ts';

const SANDBOX = 'sandbox';

/** A price, so that the first request shows a cost. */
const SANDBOX_PRICES: PriceOverride = {
  inputUsd: '0.00000015',
  outputUsd: '0.0000006',
  cacheReadUsd: undefined,
  cacheWriteUsd: undefined,
  cacheWrite1hUsd: undefined,
};

/** What runs when no file is given: the models that the product itself serves, which need no key. */
export function builtinConfig(): GatewayConfig {
  return {
    file: undefined,
    deployments: ['echo', 'tools', 'slow', '*'].map(sandboxDeployment),
    router: DEFAULT_ROUTER,
    general: DEFAULT_GENERAL,
    litellm: DEFAULT_LITELLM,
    warnings: [],
  };
}

function sandboxDeployment(model: string): Deployment {
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
    modelInfo: {},
  };
}
