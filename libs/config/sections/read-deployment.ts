import { DEFAULT_TIER } from '#contracts';
import type { SecretRef } from '../secret-ref.ts';
import type { Deployment } from '../settings/deployment.ts';
import { isUnsupportedPrice, misspeltPrice } from '../keys/litellm-params.ts';
import { MODEL_ENTRY_KEYS } from '../keys/sections.ts';
import type { Reading } from '../reading.ts';
import type { SourceNode } from '../source/source-node.ts';
import { readBoolean, readNumber, readPlain, readSecret, readText, readTextList, readTimeoutMs, wrongKind } from '../values.ts';
import { deploymentId } from './deployment-id.ts';
import { readWindow } from './read-budgets.ts';
import { readDeploymentHealth } from './read-health.ts';
import { readMarkPoints } from './read-mark-points.ts';
import { readLitellmParams } from './read-litellm-params.ts';
import { readProviderCost } from './read-price-settings.ts';
import { readPrices } from './read-prices.ts';
import { readSettings } from './read-settings.ts';
import { readEntries, readSection, warnIgnored, type Fields } from './read-section.ts';
import { splitModel, type KnownProviders } from './split-model.ts';
import { withCredential } from './with-credential.ts';
import type { Credentials } from '../stored/open-credentials.ts';

export interface DeploymentOptions {
  readonly providers: KnownProviders;
  /** `litellm_settings.drop_params`, where the entry says nothing. */
  readonly dropParams: boolean;
  /** What `litellm_credential_name` may name. */
  readonly credentials?: Credentials | undefined;
}

/** A deployment as read. `provider` is undefined for `model: "*"`, which stands for every provider there is a key for. */
export type DeploymentDraft = Omit<Deployment, 'provider'> & { readonly provider: string | undefined };

/** Reads one entry of `model_list`; undefined after noting what is wrong with it. */
export function readDeployment(entry: SourceNode, options: DeploymentOptions, reading: Reading): DeploymentDraft | undefined {
  if (entry.kind !== 'map') {
    wrongKind(entry, 'a model: a mapping with model_name and litellm_params', reading);
    return undefined;
  }
  const parts = readSection([entry], MODEL_ENTRY_KEYS, reading);
  const modelGroup = requireText(parts.get('model_name'), entry, 'model_name', reading);
  const paramsNode = parts.get('litellm_params');
  if (paramsNode === undefined || paramsNode.kind === 'null') {
    reading.problem(paramsNode ?? entry, 'litellm_params is missing', {
      suggestion: 'add litellm_params with at least "model: provider/name"',
    });
    return undefined;
  }
  const full = withCredential(paramsNode, options.credentials);
  const params = readLitellmParams(full.params, reading);
  const info = readModelInfo(parts.get('model_info'), reading);
  const target = readTarget(params.fields, paramsNode, options.providers, reading);
  if (modelGroup === undefined || target === undefined) return undefined;
  checkWildcards(modelGroup, target.upstreamModel, entry, reading);
  const owner = `deployment "${modelGroup}"`;
  return {
    id: idText(info.get('id'), reading) ?? deploymentId(entry),
    modelGroup,
    ...target,
    apiBase: readApiBase(params.fields.get('api_base') ?? params.fields.get('base_url'), owner, reading),
    apiKey: readSecret(params.fields.get('api_key'), owner, reading),
    extraHeaders: readHeaders(params.fields, owner, reading),
    settings: readSettings(params.settings, { owner, provider: target.provider }, reading),
    defaultParams: params.defaultParams,
    tier: readText(info.get('tier'), reading) ?? DEFAULT_TIER,
    ...readLimits(params.fields, reading),
    order: readNumber(params.fields.get('order'), { min: 0, unit: 'order' }, reading),
    tags: readTextList(params.fields.get('tags'), reading),
    numRetries: readNumber(
      params.fields.get('num_retries') ?? params.fields.get('max_retries'),
      { min: 0, integer: true, unit: 'retries' },
      reading,
    ),
    health: readDeploymentHealth(params.fields, info, reading),
    budget: readWindow(params.fields.get('max_budget'), params.fields.get('budget_duration'), reading),
    promptMarkPoints: readMarkPoints(params.fields.get('cache_control_injection_points'), reading),
    dropParams: readBoolean(params.fields.get('drop_params'), reading) ?? options.dropParams,
    prices: readPrices(params.fields, info, reading),
    providerCost: readProviderCost(params.fields.get('provider_cost') ?? info.get('provider_cost'), reading),
    baseModel: readText(info.get('base_model'), reading),
    modelInfo: plainInfo(parts.get('model_info'), reading),
    ...(full.credential === undefined ? {} : { credential: full.credential, unusable: full.unusable }),
  };
}

function requireText(node: SourceNode | undefined, parent: SourceNode, key: string, reading: Reading): string | undefined {
  if (node === undefined || node.kind === 'null' || (node.kind === 'text' && node.text.trim() === '')) {
    reading.problem(node ?? parent, `${key} is missing`, { suggestion: `add "${key}:"` });
    return undefined;
  }
  return readText(node, reading);
}

function readTarget(
  params: Fields,
  parent: SourceNode,
  providers: KnownProviders,
  reading: Reading,
): { provider: string | undefined; upstreamModel: string } | undefined {
  const model = requireText(params.get('model'), parent, 'model', reading);
  if (model === undefined) return undefined;
  const customProvider = readText(params.get('custom_llm_provider'), reading);
  if (model === '*' && customProvider === undefined) return { provider: undefined, upstreamModel: model };
  const target = splitModel(model, customProvider, providers);
  if ('provider' in target) return target;
  reading.problem(params.get('custom_llm_provider') ?? params.get('model') ?? parent, target.message, { suggestion: target.suggestion });
  return undefined;
}

function checkWildcards(modelGroup: string, upstreamModel: string, entry: SourceNode, reading: Reading): void {
  const stars = (text: string): number => text.split('*').length - 1;
  if (stars(upstreamModel) <= stars(modelGroup)) return;
  reading.problem(entry, `litellm_params.model has more "*" than model_name "${modelGroup}": nothing says what they stand for`, {
    suggestion: 'give model_name as many "*", or write the whole name of the model',
  });
}

function readLimits(params: Fields, reading: Reading) {
  const count = (key: string, min: number, unit: string): number | undefined =>
    readNumber(params.get(key), { min, integer: true, unit }, reading);
  return {
    weight: readNumber(params.get('weight'), { min: 0, unit: 'shares of the traffic' }, reading),
    rpm: count('rpm', 1, 'requests per minute'),
    tpm: count('tpm', 1, 'tokens per minute'),
    maxParallelRequests: count('max_parallel_requests', 1, 'requests at a time'),
    timeoutMs: readTimeoutMs(params.get('timeout'), reading),
    streamTimeoutMs: readTimeoutMs(params.get('stream_timeout'), reading),
  };
}

function readApiBase(node: SourceNode | undefined, owner: string, reading: Reading): SecretRef | undefined {
  const ref = readSecret(node, owner, reading);
  if (node === undefined || ref === undefined || !('literal' in ref) || /^https?:\/\/[^/\s]+/.test(ref.literal)) return ref;
  reading.problem(node, 'must be a URL that begins with http:// or https://', { hideValue: true });
  return undefined;
}

/** Header names in lower case; `organization` and `project` are OpenAI's headers of those names. */
function readHeaders(params: Fields, owner: string, reading: Reading): Readonly<Record<string, SecretRef>> {
  const headers: Record<string, SecretRef> = {};
  for (const name of ['organization', 'project']) {
    const secret = readSecret(params.get(name), owner, reading);
    if (secret !== undefined) headers[`openai-${name}`] = secret;
  }
  const extra = params.get('extra_headers');
  for (const { key, value } of extra === undefined ? [] : readEntries(extra, reading)) {
    if (!/^[\w!#$%&'*+.^`|~-]+$/.test(key)) reading.problem(value, `"${key}" is not a header name`, { hideValue: true });
    const secret = readSecret(value, owner, reading);
    if (secret !== undefined) headers[key.toLowerCase()] = secret;
  }
  return headers;
}

/** Any key is allowed in `model_info`; only prices we would silently get wrong are spoken of. */
function readModelInfo(node: SourceNode | undefined, reading: Reading): Fields {
  if (node === undefined) return new Map();
  const entries = readEntries(node, reading);
  for (const entry of entries) {
    const meant = misspeltPrice(entry.key);
    const place = { file: entry.value.file, path: entry.value.path, offset: entry.keyOffset };
    if (meant !== undefined) reading.problem(place, `unknown price "${entry.key}"`, { suggestion: `did you mean "${meant}"?` });
    else if (isUnsupportedPrice(entry.key)) warnIgnored(entry, 'model_info', reading);
  }
  return new Map(entries.map((entry) => [entry.key, entry.value]));
}

function plainInfo(node: SourceNode | undefined, reading: Reading): Readonly<Record<string, unknown>> {
  return node?.kind === 'map' ? (readPlain(node, reading) as Record<string, unknown>) : {};
}

function idText(node: SourceNode | undefined, reading: Reading): string | undefined {
  return node?.kind === 'number' ? node.text : readText(node, reading);
}
