import type { AttemptEvent } from '#contracts';

/**
 * Columns of the ledger as an event fills them, with their types on the wire. `ms` columns travel as Unix milliseconds.
 * The order is that of the insert statement.
 */
export const LEDGER_COLUMNS = {
  accepted_at: 'ms',
  job_id: 'text',
  attempt: 'integer',
  delivery: 'integer',
  status: 'text',
  verdict: 'text',
  key_hash: 'text',
  key_alias: 'text',
  team_id: 'text',
  organization_id: 'text',
  user_id: 'text',
  end_user: 'text',
  session_id: 'text',
  agent: 'text',
  tags: 'text[]',
  lane: 'text',
  tier: 'text',
  stream: 'boolean',
  route: 'text',
  requested_model: 'text',
  model_group: 'text',
  deployment_id: 'text',
  provider: 'text',
  model: 'text',
  api_base: 'text',
  provider_request_id: 'text',
  input_tokens: 'bigint',
  cache_read_tokens: 'bigint',
  cache_write_tokens: 'bigint',
  cache_write_1h_tokens: 'bigint',
  output_tokens: 'bigint',
  reasoning_tokens: 'bigint',
  input_audio_tokens: 'bigint',
  output_audio_tokens: 'bigint',
  usage_estimated: 'boolean',
  input_image_tokens: 'bigint',
  output_image_tokens: 'bigint',
  images: 'bigint',
  image_size: 'text',
  image_quality: 'text',
  audio_seconds: 'numeric',
  characters: 'bigint',
  search_units: 'bigint',
  web_searches: 'bigint',
  service_tier: 'text',
  input_usd: 'numeric',
  cache_read_usd: 'numeric',
  cache_write_usd: 'numeric',
  output_usd: 'numeric',
  reasoning_usd: 'numeric',
  audio_usd: 'numeric',
  image_usd: 'numeric',
  request_usd: 'numeric',
  total_usd: 'numeric',
  price_source: 'text',
  prompt_cache_saved_usd: 'numeric',
  route_group: 'text',
  route_tier: 'text',
  route_score: 'numeric',
  started_at: 'ms',
  first_token_at: 'ms',
  ended_at: 'ms',
  upstream_status: 'integer',
  finish_reason: 'text',
  error_code: 'text',
  error_message: 'text',
  worker: 'text',
  cache_key: 'text',
  saved_usd: 'numeric',
  cache_similarity: 'numeric',
  guardrails: 'jsonb',
} as const;

export type LedgerRow = Readonly<Record<keyof typeof LEDGER_COLUMNS, unknown>>;

/**
 * What clients and providers may write at any length. Indexed text must stay below a btree page's third (2,704 bytes), and
 * no label is worth refusing the row that says what it cost.
 */
const MAX_LABEL_CHARS = 512;
const MAX_MESSAGE_CHARS = 4_000;
const MAX_TAGS = 64;
const MAX_GUARDRAILS = 64;

/** An event as a row of the ledger. What an older or foreign writer left out becomes null or 0; what it said is kept. */
export function toLedgerRow(event: AttemptEvent): LedgerRow {
  return { ...whoAndWhat(event), ...usageOf(event), ...costOf(event), ...outcomeOf(event) };
}

function whoAndWhat(event: AttemptEvent) {
  const { by } = event;
  return {
    accepted_at: event.acceptedAt,
    job_id: event.job,
    attempt: event.attempt,
    delivery: event.delivery,
    key_hash: by.keyHash,
    key_alias: label(by.keyAlias),
    team_id: label(by.teamId),
    organization_id: label(by.organizationId),
    user_id: label(by.userId),
    end_user: label(by.endUser),
    session_id: label(by.sessionId),
    agent: label(by.agent),
    tags: (by.tags ?? []).slice(0, MAX_TAGS).map(label),
    lane: event.lane,
    tier: event.tier,
    stream: event.stream ?? false,
    route: event.route ?? '',
    requested_model: label(event.requestedModel),
    model_group: event.modelGroup,
    deployment_id: event.deploymentId,
    provider: event.provider,
    model: event.model,
    api_base: event.apiBase,
    provider_request_id: label(event.providerRequestId),
    route_group: label(event.decision?.group),
    route_tier: event.decision?.tier,
    route_score: event.decision?.score,
  };
}

function usageOf({ usage }: AttemptEvent) {
  return {
    input_tokens: usage.inputTokens ?? 0,
    cache_read_tokens: usage.cacheReadTokens ?? 0,
    cache_write_tokens: usage.cacheWriteTokens ?? 0,
    cache_write_1h_tokens: usage.cacheWrite1hTokens ?? 0,
    output_tokens: usage.outputTokens ?? 0,
    reasoning_tokens: usage.reasoningTokens ?? 0,
    input_audio_tokens: usage.inputAudioTokens ?? 0,
    output_audio_tokens: usage.outputAudioTokens ?? 0,
    usage_estimated: usage.estimated ?? false,
    input_image_tokens: whole(usage.inputImageTokens),
    output_image_tokens: whole(usage.outputImageTokens),
    images: whole(usage.images),
    image_size: label(usage.imageSize),
    image_quality: label(usage.imageQuality),
    audio_seconds: seconds(usage.audioSeconds),
    characters: whole(usage.characters),
    search_units: whole(usage.searchUnits),
    web_searches: whole(usage.webSearches),
    service_tier: label(usage.serviceTier),
  };
}

function costOf({ cost, priceSource, promptCacheSavedUsd }: AttemptEvent) {
  return {
    input_usd: cost?.inputUsd,
    cache_read_usd: cost?.cacheReadUsd,
    cache_write_usd: cost?.cacheWriteUsd,
    output_usd: cost?.outputUsd,
    reasoning_usd: cost?.reasoningUsd,
    audio_usd: cost?.audioUsd,
    image_usd: cost?.imageUsd,
    request_usd: cost?.requestUsd,
    total_usd: cost?.totalUsd,
    price_source: priceSource ?? 'unknown',
    prompt_cache_saved_usd: promptCacheSavedUsd,
  };
}

function outcomeOf(event: AttemptEvent) {
  return {
    status: event.status,
    verdict: event.verdict,
    started_at: event.startedAt,
    first_token_at: event.firstTokenAt,
    ended_at: event.endedAt,
    upstream_status: event.upstreamStatus,
    finish_reason: label(event.finishReason),
    error_code: event.errorCode,
    error_message: event.errorMessage?.slice(0, MAX_MESSAGE_CHARS),
    worker: event.worker,
    cache_key: label(event.cached?.key),
    saved_usd: event.cached?.savedUsd,
    cache_similarity: event.cached?.similarity,
    guardrails: event.guardrails?.slice(0, MAX_GUARDRAILS),
  };
}

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
