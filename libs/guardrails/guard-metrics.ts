import type { GuardResult } from '#contracts';
import { Counter, Histogram, type Registry } from 'prom-client';

export interface GuardMetrics {
  readonly guardrails: Counter<'guardrail' | 'hook' | 'outcome'>;
  readonly guardrailSeconds: Histogram<'guardrail' | 'hook'>;
}

const SECONDS = [0.0001, 0.0005, 0.002, 0.01, 0.05, 0.2, 1, 5];

export function createGuardMetrics(registry: Registry): GuardMetrics {
  const registers = [registry];
  return {
    guardrails: new Counter({
      name: 'headrace_guardrails_total',
      help: 'Guardrails that ran, by what they did',
      labelNames: ['guardrail', 'hook', 'outcome'],
      registers,
    }),
    guardrailSeconds: new Histogram({
      name: 'headrace_guardrail_seconds',
      help: 'Time a guardrail took',
      labelNames: ['guardrail', 'hook'],
      buckets: SECONDS,
      registers,
    }),
  };
}

export function countGuardrails(results: readonly GuardResult[], { guardrails, guardrailSeconds }: GuardMetrics): void {
  for (const { name, hook, outcome, ms = 0 } of results) {
    guardrails.inc({ guardrail: name, hook, outcome });
    guardrailSeconds.observe({ guardrail: name, hook }, ms / 1_000);
  }
}
