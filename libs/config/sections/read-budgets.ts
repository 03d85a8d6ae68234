import type { BudgetWindow } from '#contracts';
import type { BudgetSettings } from '../settings/budget-settings.ts';
import { BUDGETS_KEYS, PROVIDER_BUDGET_KEYS } from '../keys/sections.ts';
import type { Reading } from '../reading.ts';
import type { SourceNode } from '../source/source-node.ts';
import { readBoolean, readNumber, readText } from '../values.ts';
import { createRecord } from './read-fallbacks.ts';
import { type Fields, readEntries, readSection } from './read-section.ts';

export const DEFAULT_BUDGETS: BudgetSettings = {
  defaultOutputTokens: 4_096,
  unknownPriceUsd: undefined,
  failClosed: false,
  exceededStatus: undefined,
  gateway: undefined,
  providers: createRecord(),
  endUserBudget: undefined,
  endUserBudgetId: undefined,
};

export interface BudgetNodes {
  /** `headrace.budgets` and `headrace.budget_exceeded_status`. */
  readonly budgets: SourceNode | undefined;
  readonly exceededStatus: SourceNode | undefined;
}

/** LiteLLM's sections. */
export interface BudgetSections {
  readonly router: Fields;
  readonly litellm: Fields;
  readonly general: Fields;
}

/** Reads the budgets of the whole gateway, its providers and its end users, and how budgets are kept. */
export function readBudgets(nodes: BudgetNodes, { router, litellm, general }: BudgetSections, reading: Reading): BudgetSettings {
  const own = nodes.budgets === undefined ? new Map<string, SourceNode>() : readSection([nodes.budgets], BUDGETS_KEYS, reading);
  const tokens = readNumber(own.get('default_output_tokens'), { min: 1, integer: true, unit: 'tokens' }, reading);
  return {
    defaultOutputTokens: tokens ?? DEFAULT_BUDGETS.defaultOutputTokens,
    unknownPriceUsd: readUsd(own.get('unknown_price_usd'), reading),
    timeZone: readTimeZone(own.get('time_zone'), reading),
    failClosed: readBoolean(own.get('fail_closed'), reading) ?? DEFAULT_BUDGETS.failClosed,
    exceededStatus: readStatus(nodes.exceededStatus, reading),
    gateway: readWindow(litellm.get('max_budget'), litellm.get('budget_duration'), reading),
    providers: readProviders(router.get('provider_budget_config'), reading),
    endUserBudget: readWindow(litellm.get('max_end_user_budget'), undefined, reading),
    endUserBudgetId: readText(litellm.get('max_end_user_budget_id'), reading),
    ...readParallel(general, reading),
  };
}

/** LiteLLM's documentation shows both with 0, which would refuse every call. */
function readParallel(general: Fields, reading: Reading): Pick<BudgetSettings, 'gatewayParallel' | 'keyParallel'> {
  const [gateway, key] = ['global_max_parallel_requests', 'max_parallel_requests'].map((name) =>
    readNumber(general.get(name), { min: 1, integer: true, unit: 'requests at a time' }, reading),
  );
  return { ...(gateway === undefined ? {} : { gatewayParallel: gateway }), ...(key === undefined ? {} : { keyParallel: key }) };
}

/** `max_budget` and `budget_duration` as LiteLLM has them: days, weeks and months begin where the calendar's do. */
export function readWindow(max: SourceNode | undefined, period: SourceNode | undefined, reading: Reading): BudgetWindow | undefined {
  const limitUsd = readUsd(max, reading);
  const length = readPeriod(period, reading);
  if (limitUsd === undefined) return undefined;
  if (length === undefined) return { id: 'max_budget', limitUsd };
  return { id: length, limitUsd, period: length, reset: /[dwo]$|^24h$/.test(length) ? 'calendar' : 'fixed' };
}

function readProviders(node: SourceNode | undefined, reading: Reading): Readonly<Record<string, BudgetWindow>> {
  const providers = createRecord<BudgetWindow>();
  for (const { key, value } of node === undefined ? [] : readEntries(node, reading)) {
    const fields = readSection([value], PROVIDER_BUDGET_KEYS, reading);
    const max = fields.get('budget_limit') ?? fields.get('max_budget');
    const window = readWindow(max, fields.get('time_period') ?? fields.get('budget_duration'), reading);
    if (window !== undefined) providers[key] = window;
    else if (max === undefined) reading.problem(value, 'budget_limit is missing', { suggestion: 'add "budget_limit:" in US dollars' });
  }
  return providers;
}

function readTimeZone(node: SourceNode | undefined, reading: Reading): string | undefined {
  const zone = readText(node, reading);
  if (node === undefined || zone === undefined) return undefined;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone === '' ? undefined : zone;
  } catch {
    reading.problem(node, 'must be a time zone', { suggestion: 'write an IANA name like Europe/Berlin, or UTC' });
    return undefined;
  }
}

/** Refused by whoever can: a client that is to tell budgets from rates, or that knows 402 only as a fault of its own. */
const STATUSES = [400, 402, 403, 422, 429];

function readStatus(node: SourceNode | undefined, reading: Reading): number | undefined {
  const status = readNumber(node, { min: 400, integer: true, unit: 'an HTTP status' }, reading);
  if (node === undefined || status === undefined || STATUSES.includes(status)) return status;
  reading.problem(node, `must be one of ${STATUSES.join(', ')}`);
  return undefined;
}

/** Decimal text as written: money is never a float. */
function readUsd(node: SourceNode | undefined, reading: Reading): string | undefined {
  const value = readNumber(node, { min: 0, unit: 'US dollars' }, reading);
  if (node === undefined || value === undefined) return undefined;
  if (/^\d+(\.\d+)?$/.test(node.text)) return node.text;
  const text = value.toFixed(12).replace(/\.?0+$/, '');
  return text;
}

function readPeriod(node: SourceNode | undefined, reading: Reading): string | undefined {
  const text = readText(node, reading);
  if (node === undefined || text === undefined || /^[1-9]\d{0,5}(s|m|h|d|w|mo)$/.test(text)) return text;
  reading.problem(node, 'must be a length of time', { suggestion: 'write 30s, 30m, 24h, 7d, 2w or 1mo' });
  return undefined;
}
