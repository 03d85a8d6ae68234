import { bigint, boolean, check, index, integer, jsonb, numeric, pgTable, primaryKey, sql, text } from '../drizzle.ts';
import { instant } from './columns.ts';
import { sparseIndex } from './sparse-index.ts';

const tokens = (name: string) => bigint(name, { mode: 'number' }).notNull();

/** Null where the attempt was not counted in it: most have tokens alone. */
const count = (name: string) => bigint(name, { mode: 'number' });

/**
 * US dollars, exact: `numeric` without a scale keeps every digit a price has, so that parts add up to their total and no
 * sum is ever rounded. Null together with its siblings when the price is not known.
 */
const usd = (name: string) => numeric(name);

/**
 * The ledger: one row per upstream attempt (see `AttemptEvent`). `acceptedAt` is the job's, the same for all its attempts,
 * and leads the primary key: rows arrive in its order, pages are read in its order, and the table is partitioned by month of
 * it (a partition key must be part of every unique key; `drizzle/0002` makes the partitions, which drizzle knows nothing of).
 */
export const attempts = pgTable(
  'attempts',
  {
    acceptedAt: instant('accepted_at').notNull(),
    jobId: text('job_id').notNull(),
    attempt: integer('attempt').notNull(),
    delivery: integer('delivery').notNull(),
    status: text('status').notNull(),
    verdict: text('verdict'),
    /** The row was first booked as `lost` with an estimate, which the worker's own event has replaced. */
    supersededEstimate: boolean('superseded_estimate').notNull().default(false),
    /** What that estimate was: the sums are corrected by it. */
    estimate: jsonb('estimate').$type<Record<string, unknown>>(),

    keyHash: text('key_hash').notNull(),
    keyAlias: text('key_alias'),
    teamId: text('team_id'),
    organizationId: text('organization_id'),
    userId: text('user_id'),
    endUser: text('end_user'),
    sessionId: text('session_id'),
    agent: text('agent'),
    tags: text('tags').array().notNull().default([]),

    lane: text('lane').notNull(),
    tier: text('tier').notNull(),
    stream: boolean('stream').notNull(),
    route: text('route').notNull(),
    requestedModel: text('requested_model').notNull(),
    modelGroup: text('model_group').notNull(),
    deploymentId: text('deployment_id').notNull(),
    provider: text('provider').notNull(),
    model: text('model').notNull(),
    apiBase: text('api_base'),
    providerRequestId: text('provider_request_id'),

    inputTokens: tokens('input_tokens'),
    cacheReadTokens: tokens('cache_read_tokens'),
    cacheWriteTokens: tokens('cache_write_tokens'),
    cacheWrite1hTokens: tokens('cache_write_1h_tokens'),
    outputTokens: tokens('output_tokens'),
    reasoningTokens: tokens('reasoning_tokens'),
    inputAudioTokens: tokens('input_audio_tokens'),
    outputAudioTokens: tokens('output_audio_tokens'),
    usageEstimated: boolean('usage_estimated').notNull(),
    inputImageTokens: count('input_image_tokens'),
    outputImageTokens: count('output_image_tokens'),
    images: count('images'),
    imageSize: text('image_size'),
    imageQuality: text('image_quality'),
    audioSeconds: numeric('audio_seconds'),
    characters: count('characters'),
    searchUnits: count('search_units'),
    webSearches: count('web_searches'),
    serviceTier: text('service_tier'),

    inputUsd: usd('input_usd'),
    cacheReadUsd: usd('cache_read_usd'),
    cacheWriteUsd: usd('cache_write_usd'),
    outputUsd: usd('output_usd'),
    /** Null where nothing of the kind was counted; then it is 0 in the total. */
    reasoningUsd: usd('reasoning_usd'),
    audioUsd: usd('audio_usd'),
    imageUsd: usd('image_usd'),
    requestUsd: usd('request_usd'),
    totalUsd: usd('total_usd'),
    priceSource: text('price_source').notNull(),
    /** What the provider's prompt cache took off the price; below 0 where writing to it cost more. Null where it was not used. */
    promptCacheSavedUsd: usd('prompt_cache_saved_usd'),

    /** Of jobs of an auto group: its name, the tier of this attempt, and what the strong tier was expected to be worth (0 to 1). */
    routeGroup: text('route_group'),
    routeTier: text('route_tier'),
    routeScore: numeric('route_score'),

    startedAt: instant('started_at').notNull(),
    firstTokenAt: instant('first_token_at'),
    endedAt: instant('ended_at').notNull(),
    upstreamStatus: integer('upstream_status'),
    finishReason: text('finish_reason'),
    errorCode: text('error_code'),
    errorMessage: text('error_message'),
    worker: text('worker'),
    /** The answer came from the gateway's own cache: the entry's name, what a call would have cost, and the cosine of a similar request. */
    cacheKey: text('cache_key'),
    savedUsd: usd('saved_usd'),
    cacheSimilarity: numeric('cache_similarity'),
    /** `GuardResult`s of the contracts; null where no guardrail ran. */
    guardrails: jsonb('guardrails').$type<readonly Record<string, unknown>[]>(),
    recordedAt: instant('recorded_at').notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ columns: [table.acceptedAt, table.jobId, table.attempt, table.delivery] }),
    index('attempts_key').on(table.keyHash, table.acceptedAt),
    sparseIndex('attempts_session', table.sessionId, table.acceptedAt),
    index('attempts_job').on(table.jobId),
    sparseIndex('attempts_team', table.teamId, table.acceptedAt),
    sparseIndex('attempts_user', table.userId, table.acceptedAt),
    sparseIndex('attempts_organization', table.organizationId, table.acceptedAt),
    sparseIndex('attempts_end_user', table.endUser, table.acceptedAt),
    sparseIndex('attempts_agent', table.agent, table.acceptedAt),
    index('attempts_model').on(table.model, table.acceptedAt),
    index('attempts_provider').on(table.provider, table.acceptedAt),
    index('attempts_tags')
      .using('gin', table.tags)
      .where(sql`${table.tags} <> '{}'`),
    // NaN sorts above Infinity: one such row would turn every sum over it into NaN
    check('attempts_usd_finite', sql`${table.totalUsd} >= 0 and ${table.totalUsd} < 'Infinity'`),
  ],
);
