import { z } from 'zod';
import type { LimitFields } from '#budgets';
import { BUDGET_RESETS } from '#contracts';

const MAX_WINDOWS = 10;
const usd = z.union([z.number(), z.string().max(40)], 'give an amount of US dollars, like 5 or 0.25');
const count = z.number('must be a whole number, 0 or more').nullish();
const duration = z.string().max(20);
const byModel = z.record(z.string(), z.number()).nullish();

/**
 * What may be limited, in LiteLLM's names. The form only: what makes sense is decided by `toLimits`, which words its refusals. `reset_at` of a
 * window is the gateway's to say: clients that send back what they were shown are not refused for it.
 */
export const limitShape = {
  max_budget: usd.nullish().describe('US dollars'),
  budget_duration: duration.nullish().describe('30s, 30m, 24h, 7d, 1mo; without one spend is never forgotten'),
  soft_budget: usd.nullish().describe('US dollars at which its owner is told'),
  budget_limits: z
    .array(z.object({ budget_duration: duration, max_budget: usd, reset_at: z.string().nullish() }))
    .max(MAX_WINDOWS)
    .nullish()
    .describe('Further windows: $5 a day and $100 a month'),
  budget_reset: z.enum(BUDGET_RESETS).nullish(),
  budget_time_zone: z.string().max(60).nullish().describe('IANA name: where days begin'),
  temp_budget_increase: usd.nullish(),
  temp_budget_expiry: z.string().max(40).nullish(),
  rpm_limit: count,
  tpm_limit: count,
  max_parallel_requests: count,
  model_max_budget: z
    .record(
      z.string(),
      z.union([
        usd,
        z.object({
          budget_limit: usd.nullish(),
          max_budget: usd.nullish(),
          time_period: duration.nullish(),
          budget_duration: duration.nullish(),
        }),
      ]),
    )
    .nullish(),
  model_rpm_limit: byModel,
  model_tpm_limit: byModel,
} as const;

const limitSchema = z.object(limitShape);

/** The limits among the fields of a client or of a row. */
export function limitFieldsOf(fields: Readonly<Record<string, unknown>>): LimitFields {
  return limitSchema.parse(fields);
}

/** Fields as they are after a change: what it does not name stays, null takes one out. */
export function mergeFields(before: Readonly<Record<string, unknown>>, change: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const named = Object.entries(change).filter(([, value]) => value !== undefined);
  return Object.fromEntries(Object.entries({ ...before, ...Object.fromEntries(named) }).filter(([, value]) => value !== null));
}

/** The limits, other names removed, as they are stored: null where one is to be taken out. */
export function saidLimits(input: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(input).filter(([name, value]) => name in limitShape && value !== undefined));
}
