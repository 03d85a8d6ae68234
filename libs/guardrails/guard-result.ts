import type { AnswerRepair, GuardResult } from '#contracts';
import { GatewayError } from '#contracts';

/** Counts what a guardrail found, by category. */
export class Hits {
  readonly counts: Record<string, number> = {};
  masked = false;

  add(category: string, times = 1): void {
    this.counts[category] = (this.counts[category] ?? 0) + times;
  }

  get any(): boolean {
    for (const _category in this.counts) return true;
    return false;
  }

  get recorded(): Readonly<Record<string, number>> | undefined {
    return this.any ? this.counts : undefined;
  }
}

/** A block as its client is told: who and what kind, never the text. `results` is what ran so far, the blocking one last. */
export class GuardrailBlock extends GatewayError {
  readonly results: readonly GuardResult[];
  /** Set where its model may be asked once more. */
  repair: AnswerRepair | undefined;

  constructor(guardrail: string, category: string, results: readonly GuardResult[] = []) {
    super('guardrail_blocked', `Blocked by the guardrail "${guardrail}" (${category}).`);
    this.results = results;
  }
}

/** Headers of an answer: `x-headrace-guardrails: pii=masked, secrets=passed`, and LiteLLM's list of names. */
export function guardHeaders(results: readonly GuardResult[]): Readonly<Record<string, string>> {
  return {
    'x-headrace-guardrails': results.map(({ name, outcome }) => `${name}=${outcome}`).join(', '),
    'x-litellm-applied-guardrails': [...new Set(results.map(({ name }) => name))].join(','),
  };
}
