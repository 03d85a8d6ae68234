export { builtinConfig } from './builtin-config.ts';
export { ConfigError, describeConfigError, type ConfigProblem } from './config-error.ts';
export type * from './gateway-config.ts';
export { loadConfig, type LoadOptions } from './load-config.ts';
export { createModelIndex, matchModel, type ListedModel, type ModelIndex, type ModelMatch } from './models/model-index.ts';
export { parseConfig, type ParseOptions, type SourceText } from './parse-config.ts';
export { renderConfigCheck, type ConfigCheckOptions } from './render-config-check.ts';
export { resolveSecret } from './secret-ref.ts';
export type { KnownProviders } from './sections/split-model.ts';
