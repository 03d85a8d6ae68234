import { type AdmissionAnswer, type KeyRecord, LIMIT_WORDS, type Refusal, type Remaining } from '#contracts';

type Headers = Record<string, string>;
type Admitted = Extract<AdmissionAnswer, { readonly admitted: true }>;

/** OpenAI's names (https://platform.openai.com/docs/guides/rate-limits#rate-limits-in-headers) by the tightest limit, and LiteLLM's for the key. */
export function admittedHeaders(answer: Admitted, key: KeyRecord | undefined, modelGroup: string, now: number): Headers {
  const { remaining = [], keySpendUsd } = answer;
  const headers: Headers = {};
  addRate(headers, 'requests', tightest(remaining, ['requests']), now);
  addRate(headers, 'tokens', tightest(remaining, ['tokens', 'input_tokens', 'output_tokens']), now);
  const ofKey = remaining.filter(({ scope }) => scope === 'key');
  const group = modelGroup.replaceAll(/[^A-Za-z0-9._-]/g, '-');
  add(headers, `x-litellm-key-remaining-requests-${group}`, tightest(ofKey, ['requests'])?.remaining);
  add(headers, `x-litellm-key-remaining-tokens-${group}`, tightest(ofKey, ['tokens'])?.remaining);
  add(headers, 'x-litellm-key-spend', keySpendUsd);
  return Object.assign(headers, key === undefined ? {} : keyHeaders(key));
}

function keyHeaders({ limits }: KeyRecord): Headers {
  const headers: Headers = {};
  const budgets = limits?.budgets ?? [];
  const widest =
    budgets.find(({ period }) => period === undefined) ?? budgets.toSorted((a, b) => Number(b.limitUsd) - Number(a.limitUsd))[0];
  add(headers, 'x-litellm-key-max-budget', widest?.limitUsd);
  add(headers, 'x-litellm-key-rpm-limit', limits?.rpm);
  add(headers, 'x-litellm-key-tpm-limit', limits?.tpm);
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

/** The one that will refuse first. */
function tightest(remaining: readonly Remaining[], kinds: readonly Remaining['kind'][]): Remaining | undefined {
  return remaining.filter(({ kind }) => kinds.includes(kind)).toSorted((a, b) => Number(a.remaining) - Number(b.remaining))[0];
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
