import type { LedgerEntry } from '#db';

/**
 * A ledger row in the shape of LiteLLM's spend log; what it has no place for is under `headrace`. One row per upstream
 * attempt: a request that was retried has several with one `request_id`. `spend` is a number for clients that add it up,
 * `headrace.cost.total_usd` the exact amount; both are null where no price is known, which is not the same as free.
 */
export function spendRowView(entry: LedgerEntry) {
  return {
    request_id: entry.jobId,
    call_type: CALL_TYPES[entry.route] ?? entry.route,
    api_key: entry.keyHash,
    model: entry.model,
    model_id: entry.deploymentId,
    model_group: entry.modelGroup,
    custom_llm_provider: entry.provider,
    api_base: entry.apiBase,
    spend: entry.totalUsd === null ? null : Number(entry.totalUsd),
    prompt_tokens: entry.inputTokens,
    completion_tokens: entry.outputTokens,
    total_tokens: entry.inputTokens + entry.outputTokens,
    startTime: entry.startedAt.toISOString(),
    endTime: entry.endedAt.toISOString(),
    completionStartTime: entry.firstTokenAt?.toISOString() ?? null,
    user: entry.userId,
    team_id: entry.teamId,
    organization_id: entry.organizationId,
    end_user: entry.endUser,
    metadata: { user_api_key_alias: entry.keyAlias, user_api_key_team_id: entry.teamId, user_api_key_user_id: entry.userId },
    cache_hit: entry.cacheKey === null ? 'False' : 'True',
    cache_key: entry.cacheKey,
    request_tags: entry.tags,
    requester_ip_address: null,
    messages: {},
    response: {},
    proxy_server_request: {},
    session_id: entry.sessionId,
    status: entry.status === 'success' ? 'success' : 'failure',
    mcp_namespaced_tool_name: null,
    agent_id: entry.agent,
    headrace: attemptView(entry),
  };
}

/** LiteLLM's names; a route that has none there is named by itself. */
const CALL_TYPES: Readonly<Record<string, string>> = {
  '/v1/chat/completions': 'acompletion',
  '/v1/completions': 'atext_completion',
  '/v1/messages': 'anthropic_messages',
  '/v1/responses': 'aresponses',
  '/v1beta/models:generateContent': 'agenerate_content',
  '/v1/embeddings': 'aembedding',
  '/v1/images/generations': 'aimage_generation',
  '/v1/images/edits': 'aimage_edit',
  '/v1/audio/speech': 'aspeech',
  '/v1/audio/transcriptions': 'atranscription',
  '/v1/moderations': 'amoderation',
  '/v1/rerank': 'arerank',
};

function attemptView(entry: LedgerEntry) {
  return {
    attempt: entry.attempt,
    delivery: entry.delivery,
    status: entry.status,
    accepted_at: entry.acceptedAt.toISOString(),
    requested_model: entry.requestedModel,
    lane: entry.lane,
    tier: entry.tier,
    stream: entry.stream,
    route: entry.route,
    tokens: {
      input: entry.inputTokens,
      cache_read: entry.cacheReadTokens,
      cache_write: entry.cacheWriteTokens,
      cache_write_1h: entry.cacheWrite1hTokens,
      output: entry.outputTokens,
      reasoning: entry.reasoningTokens,
      input_audio: entry.inputAudioTokens,
      output_audio: entry.outputAudioTokens,
      input_image: entry.inputImageTokens,
      output_image: entry.outputImageTokens,
      estimated: entry.usageEstimated,
    },
    counts: {
      images: entry.images,
      image_size: entry.imageSize,
      image_quality: entry.imageQuality,
      audio_seconds: entry.audioSeconds === null ? null : Number(entry.audioSeconds),
      characters: entry.characters,
      search_units: entry.searchUnits,
      web_searches: entry.webSearches,
    },
    service_tier: entry.serviceTier,
    cost: {
      input_usd: entry.inputUsd,
      cache_read_usd: entry.cacheReadUsd,
      cache_write_usd: entry.cacheWriteUsd,
      output_usd: entry.outputUsd,
      reasoning_usd: entry.reasoningUsd,
      audio_usd: entry.audioUsd,
      image_usd: entry.imageUsd,
      request_usd: entry.requestUsd,
      total_usd: entry.totalUsd,
      price_source: entry.priceSource,
      prompt_cache_saved_usd: entry.promptCacheSavedUsd,
    },
    cache: {
      saved_usd: entry.savedUsd,
      similarity: entry.cacheSimilarity === null ? null : Number(entry.cacheSimilarity),
    },
    routing:
      entry.routeGroup === null
        ? null
        : { group: entry.routeGroup, tier: entry.routeTier, score: entry.routeScore === null ? null : Number(entry.routeScore) },
    upstream_status: entry.upstreamStatus,
    finish_reason: entry.finishReason,
    error_code: entry.errorCode,
    error_message: entry.errorMessage,
    provider_request_id: entry.providerRequestId,
    worker: entry.worker,
    guardrails: entry.guardrails,
  };
}
