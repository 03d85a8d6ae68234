import { type AdmissionAnswer, type KeyRecord, type Limits, LIMIT_WORDS, type Refusal, type Remaining } from '#contracts';

type Headers = Record<string, string>;
type Admitted = Extract<AdmissionAnswer, { readonly admitted: true }>;

/** OpenAI's names (https://platform.openai.com/docs/guides/rate-limits#rate-limits-in-headers) by the tightest limit, and LiteLLM's for the key. */
export function admittedHeaders(answer: Admitted, key: KeyRecord | undefined, modelGroup: string, now: number): Headers {
  const { remaining = [], keySpendUsd } = answer;
  const headers: Headers = {};
  const ofAll = tightest(remaining);
  addRate(headers, 'requests', ofAll.requests, now);
  addRate(headers, 'tokens', ofAll.anyTokens, now);
  const ofKey = remaining.every(isOfKey) ? ofAll : tightest(remaining.filter(isOfKey));
  if (ofKey.requests !== undefined || ofKey.tokens !== undefined) {
    const group = modelGroup.replaceAll(/[^A-Za-z0-9._-]/g, '-');
    add(headers, `x-litellm-key-remaining-requests-${group}`, ofKey.requests?.remaining);
    add(headers, `x-litellm-key-remaining-tokens-${group}`, ofKey.tokens?.remaining);
  }
  add(headers, 'x-litellm-key-spend', keySpendUsd);
  return key?.limits === undefined ? headers : Object.assign(headers, keyHeaders(key.limits));
}

function isOfKey({ scope }: Remaining): boolean {
  return scope === 'key';
}

/** Records are replaced whole when they change. */
const headersOfLimits = new WeakMap<Limits, Headers>();

function keyHeaders(limits: Limits): Headers {
  const known = headersOfLimits.get(limits);
  if (known !== undefined) return known;
  const headers: Headers = {};
  const budgets = limits.budgets ?? [];
  const widest =
    budgets.find(({ period }) => period === undefined) ?? budgets.toSorted((a, b) => Number(b.limitUsd) - Number(a.limitUsd))[0];
  add(headers, 'x-litellm-key-max-budget', widest?.limitUsd);
  add(headers, 'x-litellm-key-rpm-limit', limits.rpm);
  add(headers, 'x-litellm-key-tpm-limit', limits.tpm);
  headersOfLimits.set(limits, headers);
  return headers;
}

/** Of a refusal: which kind of limit it was, and when it frees. */
export function refusalHeaders(refusal: Refusal, now: number): Headers {
  const headers: Headers = { rate_limit_type: LIMIT_WORDS[refusal.kind] };
  if (refusal.resetsAt !== undefined) headers['reset_at'] = new Date(refusal.resetsAt).toISOString();
  const { kind, limit, resetsAt, scope } = refusal;
  const rate: Remaining = { kind, scope, limit, remaining: '0', resetsAt };
  if (kind === 'requests') addRate(headers, 'requests', rate, now);
  else if (kind === 'tokens' || kind === 'input_tokens' || kind === 'output_tokens') addRate(headers, 'tokens', rate, now);
  return headers;
}

interface Tightest {
  requests: Remaining | undefined;
  tokens: Remaining | undefined;
  /** Of input or output alone as well. */
  anyTokens: Remaining | undefined;
}

/** The ones that will refuse first. */
function tightest(remaining: readonly Remaining[]): Tightest {
  const found: Tightest = { requests: undefined, tokens: undefined, anyTokens: undefined };
  for (const one of remaining) {
    const { kind } = one;
    if (kind === 'requests') found.requests = tighter(found.requests, one);
    else if (kind === 'tokens') found.tokens = tighter(found.tokens, one);
    if (kind === 'tokens' || kind === 'input_tokens' || kind === 'output_tokens') found.anyTokens = tighter(found.anyTokens, one);
  }
  return found;
}

function tighter(one: Remaining | undefined, other: Remaining): Remaining {
  return one === undefined || Number(other.remaining) < Number(one.remaining) ? other : one;
}

function addRate(headers: Headers, unit: 'requests' | 'tokens', rate: Remaining | undefined, now: number): void {
  if (rate === undefined) return;
  add(headers, `x-ratelimit-limit-${unit}`, rate.limit);
  add(headers, `x-ratelimit-remaining-${unit}`, rate.remaining);
  if (rate.resetsAt !== undefined) add(headers, `x-ratelimit-reset-${unit}`, `${Math.max(0, rate.resetsAt - now) / 1_000}s`);
}

function add(headers: Headers, name: string, value: string | number | undefined): void {
  if (value !== undefined) headers[name] = String(value);
}
