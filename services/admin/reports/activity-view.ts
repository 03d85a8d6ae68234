import type { Dimension, SpendSum } from '#db';
import { type Metrics, metricsOf, NO_METRICS } from './sum-view.ts';

/** What a day is broken down by, under LiteLLM's names; `entities` are what the report is about: teams, users, tags … */
const BREAKDOWNS = { models: 'model', model_groups: 'model_group', providers: 'provider', endpoints: 'route', api_keys: 'key' } as const;

export interface DayView {
  readonly date: string;
  metrics: Metrics;
  readonly breakdown: Record<keyof typeof BREAKDOWNS | 'entities' | 'mcp_servers', Record<string, { metrics: Metrics; metadata: object }>>;
}

/** What `activityDays` is made of. */
export function activityGroups(entity: Dimension): Dimension[][] {
  const broken = Object.values(BREAKDOWNS).map((dimension): Dimension[] => ['day', dimension]);
  return [['day'], ...broken, ['day', entity]];
}

/** Days with an attempt, the newest first. */
export function activityDays(sums: readonly SpendSum[], entity: Dimension, keyNames: ReadonlyMap<string, object>): DayView[] {
  const days = new Map<string, DayView>();
  for (const sum of sums) {
    const { day = '', ...rest } = sum.names;
    const view = days.get(day) ?? emptyDay(day);
    days.set(day, view);
    const [named] = Object.entries(rest);
    if (named === undefined) view.metrics = metricsOf(sum);
    else addTo(view, named, { sum, entity, keyNames });
  }
  return [...days.values()].toSorted((one, other) => other.date.localeCompare(one.date));
}

interface Added {
  readonly sum: SpendSum;
  readonly entity: Dimension;
  readonly keyNames: ReadonlyMap<string, object>;
}

function addTo(view: DayView, [dimension, name]: [string, string], { sum, entity, keyNames }: Added): void {
  const entry = { metrics: metricsOf(sum), metadata: dimension === 'key' ? (keyNames.get(name) ?? {}) : {} };
  // attempts without a user, team and so on are nobody's
  if (dimension === entity && name !== '') view.breakdown.entities[name] = entry;
  for (const [field, broken] of Object.entries(BREAKDOWNS)) {
    if (broken === dimension && isBreakdown(field)) view.breakdown[field][name] = entry;
  }
}

function isBreakdown(field: string): field is keyof typeof BREAKDOWNS {
  return field in BREAKDOWNS;
}

function emptyDay(date: string): DayView {
  const breakdown = { models: {}, model_groups: {}, providers: {}, endpoints: {}, api_keys: {}, entities: {}, mcp_servers: {} };
  return { date, metrics: NO_METRICS, breakdown };
}

/** LiteLLM's sums over all days of an answer. */
export function activityTotals(sum: SpendSum | undefined) {
  const metrics = sum === undefined ? NO_METRICS : metricsOf(sum);
  return {
    total_spend: metrics.spend,
    total_spend_usd: metrics.spend_usd,
    total_prompt_tokens: metrics.prompt_tokens,
    total_completion_tokens: metrics.completion_tokens,
    total_tokens: metrics.total_tokens,
    total_api_requests: metrics.api_requests,
    total_successful_requests: metrics.successful_requests,
    total_failed_requests: metrics.failed_requests,
    total_cache_read_input_tokens: metrics.cache_read_input_tokens,
    total_cache_creation_input_tokens: metrics.cache_creation_input_tokens,
  };
}
