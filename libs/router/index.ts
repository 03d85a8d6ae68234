export { readAnswer } from './answer-text.ts';
export { type AnswerFault, askedFormat, type AskedFormat, checkAnswer, meetsFormat } from './check-answer.ts';
export { chooseTier, type TierModel } from './choose-tier.ts';
export { BUILT_IN_WEIGHTS, readModel } from './model-file.ts';
export { isRefusal, mayBecomeRefusal } from './refusal.ts';
export { routedText } from './routed-text.ts';
export type { RoutingOutcome } from './routing-outcome.ts';
export { createScorer } from './routing-model.ts';
