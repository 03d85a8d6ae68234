export { builtinConfig } from './builtin-config.ts';
export { ConfigError, describeConfigError, type ConfigProblem } from './config-error.ts';
export type * from './gateway-config.ts';
export { holdOn, type HeldPlace } from './live/hold-on.ts';
export { createLiveConfig, type LiveConfig, type LiveConfigOptions } from './live/live-config.ts';
export { type ConfigLoader, createConfigLoader, loadConfig, type LoadOptions } from './load-config.ts';
export { litellmParamKind } from './keys/litellm-params.ts';
export { isLimited } from './models/assign-queues.ts';
export { modelGroupSettings } from './models/model-group-settings.ts';
export { createModelIndex, matchModel, type ListedModel, type ModelIndex, type ModelMatch } from './models/model-index.ts';
export { parseTeamGroup, teamGroup, type TeamGroup } from './models/team-group.ts';
export { parseConfig, type ParseOptions, type SourceText } from './parse-config.ts';
export { meantPrice } from './prices/misspelt-price.ts';
export { parsePriceName, type PriceKind, type PriceName } from './prices/price-name.ts';
export { renderConfigCheck, type ConfigCheckOptions } from './render-config-check.ts';
export { DEFAULT_BUDGETS } from './sections/read-budgets.ts';
export { DEFAULT_ALERTS } from './sections/read-alerts.ts';
export {
  hasSealed,
  readStoredModel,
  sealedPlace,
  STORED_PATH,
  type ReadStoredOptions,
  type StoredDeployments,
} from './stored/read-stored-model.ts';
export { credentialPlace } from './stored/open-credentials.ts';
export { createSealing, isSealed, saltKeyFrom, SealError, type Sealing } from './stored/sealing.ts';
export { mapSecrets } from './stored/secret-params.ts';
export { byModel, type StoredSettings } from './stored/stored-settings.ts';
export { DEFAULT_HEDGING, type HedgePercentile, type HedgingSettings, isHedgingConfigured } from './sections/read-hedging.ts';
export { DEFAULT_BATCHES } from './sections/read-batches.ts';
export type { S3Settings } from './settings/batch-settings.ts';
export { DEFAULT_CACHE, DEFAULT_SEMANTIC_CACHE } from './sections/read-cache.ts';
export { DEFAULT_JOBS } from './sections/read-jobs.ts';
export { DEFAULT_STREAMS, streamTimeoutsOf } from './sections/read-streams.ts';
export { resolveSecret, type SecretRef } from './secret-ref.ts';
export { DEFAULT_PROMPT_CACHE } from './sections/read-prompt-cache.ts';
export { promptMarksOf, type PromptMarks } from './models/prompt-marks.ts';
export type * from './settings/access-settings.ts';
export type * from './settings/auto-routing-settings.ts';
export type * from './settings/prompt-cache-settings.ts';
export type * from './settings/budget-settings.ts';
export * from './settings/cache-settings.ts';
export type * from './settings/deployment.ts';
export * from './settings/guardrail-settings.ts';
export type * from './settings/health-settings.ts';
export type * from './settings/kept-answers.ts';
export type * from './settings/ledger-settings.ts';
export * from './settings/prompt-settings.ts';
export type * from './settings/media-settings.ts';
export type * from './settings/model-group-settings.ts';
export type * from './settings/price-settings.ts';
export type * from './settings/queue-settings.ts';
export type * from './settings/router-settings.ts';
export type * from './settings/stream-settings.ts';
export { MASTER_KEY_VARIABLES, masterKeySource, objectToMasterKey, weaknessOfMasterKey } from './weak-master-key.ts';
export type { KnownProviders } from './sections/split-model.ts';
