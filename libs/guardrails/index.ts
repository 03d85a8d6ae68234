export { AnswerGuard } from './answer-guard.ts';
export { compileGuardrails, type Guardrail, type Guardrails, runsAt } from './compile-guardrails.ts';
export { createGuardTools } from './external/ask-guardrail.ts';
export type { GuardQuestion, GuardVerdict } from './external/question.ts';
export { type GuardedRequest, guardRequest, type GuardTools, type RequestToGuard } from './guard-request.ts';
export { guardHeaders, GuardrailBlock } from './guard-result.ts';
export { schemaOfRequest } from './rules/answer-schema.ts';
export { guardStream } from './stream/guard-stream.ts';
export { countGuardrails, createGuardMetrics } from './guard-metrics.ts';
