import { GatewayError, type Limits, type ModelLimits, type RateLimits } from '#contracts';
import type { LimitFields, ModelBudgetField } from './limit-fields.ts';
import { toBudgetWindows, type WindowOptions } from './to-budget-windows.ts';

/** Which tokens `tpm_limit` counts: `token_rate_limit_type` of the configuration. */
export type TokenLimitType = 'total' | 'input' | 'output';

export interface LimitOptions extends Omit<WindowOptions, 'before' | 'path'> {
  /** The limits until now: their windows keep what was spent where their period stays. */
  readonly before?: Limits | undefined;
  readonly tokenLimitType?: TokenLimitType | undefined;
}

const MOST_COUNT = 1_000_000_000_000;
const MAX_MODELS = 200;
const MAX_NAME_CHARS = 256;

/**
 * The limits of what a client said; undefined when it said none. Throws `invalid_request` that names the field at fault.
 */
export function toLimits(fields: LimitFields, options: LimitOptions): Limits | undefined {
  const { before, tokenLimitType = 'total', ...rest } = options;
  const budgets = toBudgetWindows(fields, { ...rest, before: before?.budgets });
  const limits: Limits = {
    ...rateLimits({ rpm: count(fields.rpm_limit, 'rpm_limit'), tpm: count(fields.tpm_limit, 'tpm_limit') }, tokenLimitType),
    ...given({ parallel: count(fields.max_parallel_requests, 'max_parallel_requests') }),
    ...(budgets.length > 0 ? { budgets } : {}),
    ...modelLimits(fields, options),
  };
  return Object.keys(limits).length > 0 ? limits : undefined;
}

function rateLimits({ rpm, tpm }: { rpm: number | undefined; tpm: number | undefined }, type: TokenLimitType): RateLimits {
  const tokens = { total: { tpm }, input: { inputTpm: tpm }, output: { outputTpm: tpm } }[type];
  return given({ rpm, ...tokens });
}

function modelLimits(fields: LimitFields, options: LimitOptions): Pick<Limits, 'models'> {
  const { model_max_budget: budgets = {}, model_rpm_limit: rpms = {}, model_tpm_limit: tpms = {} } = fields;
  const named = { model_max_budget: budgets ?? {}, model_rpm_limit: rpms ?? {}, model_tpm_limit: tpms ?? {} };
  const models: Record<string, ModelLimits> = {};
  for (const [field, byModel] of Object.entries(named)) checkModels(field, Object.keys(byModel));
  for (const model of new Set(Object.values(named).flatMap((byModel) => Object.keys(byModel)))) {
    const windows = modelWindows(model, named.model_max_budget[model], options);
    const rates = {
      rpm: count(named.model_rpm_limit[model], `model_rpm_limit.${model}`),
      tpm: count(named.model_tpm_limit[model], `model_tpm_limit.${model}`),
    };
    models[model] = { ...rateLimits(rates, options.tokenLimitType ?? 'total'), ...(windows.length > 0 ? { budgets: windows } : {}) };
  }
  return Object.keys(models).length > 0 ? { models } : {};
}

function modelWindows(model: string, budget: ModelBudgetField | undefined, options: LimitOptions) {
  if (budget === undefined) return [];
  const path = `model_max_budget.${model}.`;
  const one = typeof budget === 'object' ? budget : { max_budget: budget };
  const most = one.budget_limit ?? one.max_budget;
  if (most == null) throw problem(`${path}budget_limit`, 'give the amount in US dollars');
  const before = options.before?.models?.[model]?.budgets;
  return toBudgetWindows({ max_budget: most, budget_duration: one.time_period ?? one.budget_duration }, { ...options, before, path });
}

function checkModels(field: string, models: readonly string[]): void {
  if (models.length > MAX_MODELS) throw problem(field, `at most ${MAX_MODELS} models`);
  const wrong = models.find((model) => model.trim() === '' || model.length > MAX_NAME_CHARS || model === '__proto__');
  if (wrong !== undefined) throw problem(field, 'every entry needs the name of a model');
}

/** 0 is a limit: nothing gets through. */
function count(value: number | null | undefined, field: string): number | undefined {
  if (value == null) return undefined;
  if (!Number.isInteger(value) || value < 0) throw problem(field, 'must be a whole number, 0 or more');
  if (value > MOST_COUNT) throw problem(field, `must not be more than ${MOST_COUNT}; leave it out for no limit`);
  return value;
}

function given<T extends object>(fields: T): Partial<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<T>;
}

function problem(field: string, message: string): GatewayError {
  return new GatewayError('invalid_request', `${field}: ${message}.`, { param: field });
}
