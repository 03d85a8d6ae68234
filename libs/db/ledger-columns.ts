import type { AttemptEvent } from '#contracts';
import { arrayLiteral } from './array-literal.ts';

/** A column's type on the wire, and its value of an event. `ms` columns travel as Unix milliseconds. */
export type LedgerColumn = readonly [type: string, of: (event: AttemptEvent) => unknown];

/**
 * What clients and providers may write at any length. Indexed text must stay below a btree page's third (2,704 bytes), and
 * no label is worth refusing the row that says what it cost.
 */
const MAX_LABEL_CHARS = 512;
const MAX_MESSAGE_CHARS = 4_000;
const MAX_TAGS = 64;
const MAX_GUARDRAILS = 64;

/**
 * Columns of the ledger as an event fills them, in the order of the insert statement. What an older or foreign writer left out becomes null or
 * 0; what it said is kept.
 */
export const LEDGER_COLUMNS: Readonly<Record<string, LedgerColumn>> = {
  accepted_at: ['ms', ({ acceptedAt }) => acceptedAt],
  job_id: ['text', ({ job }) => job],
  attempt: ['integer', ({ attempt }) => attempt],
  delivery: ['integer', ({ delivery }) => delivery],
  status: ['text', ({ status }) => status],
  verdict: ['text', ({ verdict }) => verdict],
  key_hash: ['text', ({ by }) => by.keyHash],
  key_alias: ['text', ({ by }) => label(by.keyAlias)],
  team_id: ['text', ({ by }) => label(by.teamId)],
  organization_id: ['text', ({ by }) => label(by.organizationId)],
  user_id: ['text', ({ by }) => label(by.userId)],
  end_user: ['text', ({ by }) => label(by.endUser)],
  session_id: ['text', ({ by }) => label(by.sessionId)],
  agent: ['text', ({ by }) => label(by.agent)],
  tags: ['text[]', ({ by }) => arrayLiteral((by.tags ?? []).slice(0, MAX_TAGS).map(label)) ?? '{}'],
  lane: ['text', ({ lane }) => lane],
  tier: ['text', ({ tier }) => tier],
  stream: ['boolean', ({ stream }) => stream ?? false],
  route: ['text', ({ route }) => route ?? ''],
  requested_model: ['text', ({ requestedModel }) => label(requestedModel)],
  model_group: ['text', ({ modelGroup }) => modelGroup],
  deployment_id: ['text', ({ deploymentId }) => deploymentId],
  provider: ['text', ({ provider }) => provider],
  model: ['text', ({ model }) => model],
  api_base: ['text', ({ apiBase }) => apiBase],
  provider_request_id: ['text', ({ providerRequestId }) => label(providerRequestId)],
  input_tokens: ['bigint', ({ usage }) => usage.inputTokens ?? 0],
  cache_read_tokens: ['bigint', ({ usage }) => usage.cacheReadTokens ?? 0],
  cache_write_tokens: ['bigint', ({ usage }) => usage.cacheWriteTokens ?? 0],
  cache_write_1h_tokens: ['bigint', ({ usage }) => usage.cacheWrite1hTokens ?? 0],
  output_tokens: ['bigint', ({ usage }) => usage.outputTokens ?? 0],
  reasoning_tokens: ['bigint', ({ usage }) => usage.reasoningTokens ?? 0],
  input_audio_tokens: ['bigint', ({ usage }) => usage.inputAudioTokens ?? 0],
  output_audio_tokens: ['bigint', ({ usage }) => usage.outputAudioTokens ?? 0],
  usage_estimated: ['boolean', ({ usage }) => usage.estimated ?? false],
  input_image_tokens: ['bigint', ({ usage }) => whole(usage.inputImageTokens)],
  output_image_tokens: ['bigint', ({ usage }) => whole(usage.outputImageTokens)],
  images: ['bigint', ({ usage }) => whole(usage.images)],
  image_size: ['text', ({ usage }) => label(usage.imageSize)],
  image_quality: ['text', ({ usage }) => label(usage.imageQuality)],
  audio_seconds: ['numeric', ({ usage }) => seconds(usage.audioSeconds)],
  characters: ['bigint', ({ usage }) => whole(usage.characters)],
  search_units: ['bigint', ({ usage }) => whole(usage.searchUnits)],
  web_searches: ['bigint', ({ usage }) => whole(usage.webSearches)],
  service_tier: ['text', ({ usage }) => label(usage.serviceTier)],
  input_usd: ['numeric', ({ cost }) => cost?.inputUsd],
  cache_read_usd: ['numeric', ({ cost }) => cost?.cacheReadUsd],
  cache_write_usd: ['numeric', ({ cost }) => cost?.cacheWriteUsd],
  output_usd: ['numeric', ({ cost }) => cost?.outputUsd],
  reasoning_usd: ['numeric', ({ cost }) => cost?.reasoningUsd],
  audio_usd: ['numeric', ({ cost }) => cost?.audioUsd],
  image_usd: ['numeric', ({ cost }) => cost?.imageUsd],
  request_usd: ['numeric', ({ cost }) => cost?.requestUsd],
  total_usd: ['numeric', ({ cost }) => cost?.totalUsd],
  price_source: ['text', ({ priceSource }) => priceSource ?? 'unknown'],
  prompt_cache_saved_usd: ['numeric', ({ promptCacheSavedUsd }) => promptCacheSavedUsd],
  route_group: ['text', ({ decision }) => label(decision?.group)],
  route_tier: ['text', ({ decision }) => decision?.tier],
  route_score: ['numeric', ({ decision }) => decision?.score],
  started_at: ['ms', ({ startedAt }) => startedAt],
  first_token_at: ['ms', ({ firstTokenAt }) => firstTokenAt],
  ended_at: ['ms', ({ endedAt }) => endedAt],
  upstream_status: ['integer', ({ upstreamStatus }) => upstreamStatus],
  finish_reason: ['text', ({ finishReason }) => label(finishReason)],
  error_code: ['text', ({ errorCode }) => errorCode],
  error_message: ['text', ({ errorMessage }) => errorMessage?.slice(0, MAX_MESSAGE_CHARS)],
  worker: ['text', ({ worker }) => worker],
  cache_key: ['text', ({ cached }) => label(cached?.key)],
  saved_usd: ['numeric', ({ cached }) => cached?.savedUsd],
  cache_similarity: ['numeric', ({ cached }) => cached?.similarity],
  guardrails: ['jsonb', ({ guardrails }) => guardrails?.slice(0, MAX_GUARDRAILS)],
};

/** A count that Postgres takes, null for what was not counted: no provider's odd number is worth refusing the row. */
function whole(count: number | undefined): number | null {
  return typeof count === 'number' && count > 0 && count <= Number.MAX_SAFE_INTEGER ? Math.round(count) : null;
}

/** To the millisecond, as it is priced. */
function seconds(count: number | undefined): number | null {
  const milliseconds = typeof count === 'number' ? whole(count * 1_000) : null;
  return milliseconds === null ? null : milliseconds / 1_000;
}

function label(text: string | undefined): string | undefined {
  return text !== undefined && text.length > MAX_LABEL_CHARS ? text.slice(0, MAX_LABEL_CHARS) : text;
}
