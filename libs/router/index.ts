export { BUILT_IN_WEIGHTS, readModel } from './model-file.ts';
export { createScorer, type RoutingModel, type ScoreText, thresholdFor } from './routing-model.ts';
