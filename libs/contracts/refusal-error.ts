import type { LimitKind, Refusal } from './admission.ts';
import { GatewayError } from './gateway-error.ts';

export interface RefusalWords {
  /** Unix milliseconds. */
  readonly now: number;
  /** How the caller's key is shown (`sk-…abcd`); without it a key is shown without a name. */
  readonly maskedKey?: string | undefined;
  /** In place of 402 for budgets, where the operator chose another (`headrace.budget_exceeded_status`). */
  readonly budgetStatus?: number | undefined;
}

/** LiteLLM's words for the kinds of limits, as in its header `rate_limit_type`. */
export const LIMIT_WORDS: Readonly<Record<LimitKind, string>> = {
  budget: 'budget',
  requests: 'requests',
  tokens: 'tokens',
  input_tokens: 'input_tokens',
  output_tokens: 'output_tokens',
  parallel: 'max_parallel_requests',
  price: 'price',
};

/** A parallel slot is free when another call ends: nobody knows when, a second is worth a try. */
const PARALLEL_RETRY_MS = 1_000;

/**
 * A refusal of admission as its caller is told: `budget_exceeded` (402), `rate_limit_exceeded` (429, with the wait), or `price_unknown`.
 * Names the limit, whose it is, what is used of it and when it frees.
 */
export function refusalError(refusal: Refusal, words: RefusalWords): GatewayError {
  if (refusal.kind === 'budget') {
    return new GatewayError('budget_exceeded', budgetMessage(refusal, words), { status: words.budgetStatus });
  }
  if (refusal.kind === 'price') {
    const message =
      `The price of this model is not known, and ${ownerOf(refusal, words)} has a budget: its spend could not be counted. ` +
      'An administrator can give the model its price, or set headrace.budgets.unknown_price_usd.';
    return new GatewayError('price_unknown', message, { param: 'model' });
  }
  return new GatewayError('rate_limit_exceeded', rateMessage(refusal, words), { retryAfterMs: waitOf(refusal, words.now) });
}

function budgetMessage(refusal: Refusal, words: RefusalWords): string {
  const { used, limit, window, resetsAt } = refusal;
  const which = window === undefined ? 'budget' : `budget ${window}`;
  const frees = resetsAt === undefined ? '' : ` It resets at ${new Date(resetsAt).toISOString()}.`;
  return `Budget has been exceeded! Current cost: ${used}, Max budget: ${limit} (${which} of ${ownerOf(refusal, words)}).${frees}`;
}

function rateMessage(refusal: Refusal, words: RefusalWords): string {
  const { kind, used, limit, resetsAt } = refusal;
  const frees = resetsAt === undefined ? '' : ` Limit resets at: ${new Date(resetsAt).toISOString()}.`;
  return `Rate limit exceeded for ${ownerOf(refusal, words)}. Limit type: ${LIMIT_WORDS[kind]}. Current limit: ${limit}, used: ${used}.${frees}`;
}

function ownerOf({ scope, id, model }: Refusal, { maskedKey }: RefusalWords): string {
  const name = scope === 'key' ? maskedKey : id;
  const owner = scope === 'gateway' ? 'the whole gateway' : name === undefined || name === '' ? `this ${scope}` : `${scope} ${name}`;
  return model === undefined ? owner : `${owner}, model ${model}`;
}

function waitOf({ resetsAt }: Refusal, now: number): number {
  return resetsAt === undefined ? PARALLEL_RETRY_MS : Math.max(0, resetsAt - now);
}
