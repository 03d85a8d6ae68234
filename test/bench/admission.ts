import { createAdmissionEngine } from '#budgets';
import { type AdmissionAsk, type AttemptEvent, type Limits, NO_COST, NO_USAGE, scopeName } from '#contracts';

/**
 * What the leader of admission does for each request, without the network: `node test/bench/admission.ts`. A call is asked for and settled, with
 * 1,000 under way at a time, as their JSON would come: by callers with no limits that apply, with a budget, and with everything there is.
 */
const CALLS = 200_000;
const UNDER_WAY = 1_000;

const month = { id: 'month', limitUsd: '1000000', period: '1mo', reset: 'calendar' as const };
const day = { id: 'day', limitUsd: '1000000', period: '1d', reset: 'rolling' as const, softUsd: '900000' };
const rates = { rpm: 100_000_000, tpm: 1_000_000_000_000, parallel: 100_000 };

const CASES: Readonly<Record<string, ReadonlyMap<string, Limits>>> = {
  'one budget': new Map([['key:k', { budgets: [month] }]]),
  'a rate limit': new Map([['key:k', { rpm: rates.rpm }]]),
  everything: new Map<string, Limits>([
    ['key:k', { ...rates, budgets: [month, day], models: { m: { rpm: rates.rpm, budgets: [day] } } }],
    ['team:t', { ...rates, budgets: [month, day] }],
    ['user:u', { ...rates, budgets: [month] }],
    ['provider:p', { budgets: [day] }],
    ['gateway:', { budgets: [month] }],
  ]),
};

const by = { keyHash: 'k', teamId: 't', userId: 'u' };

function askOf(index: number, at: number): string {
  const ask: AdmissionAsk = {
    job: `job-${index}`,
    by,
    modelGroup: 'm',
    candidates: [{ deploymentId: 'd', provider: 'p' }],
    mostUsd: '0.0123',
    leastUsd: '0.001',
    inputTokens: 1_000,
    outputTokens: 4_096,
    acceptedAt: at,
    deadlineAt: at + 600_000,
  };
  return JSON.stringify(ask);
}

function eventOf(index: number, at: number): string {
  const event: AttemptEvent = {
    v: 1,
    job: `job-${index}`,
    attempt: 1,
    delivery: 1,
    verdict: 'done',
    status: 'success',
    by,
    lane: 'live',
    tier: 'standard',
    stream: true,
    route: '/v1/chat/completions',
    requestedModel: 'm',
    modelGroup: 'm',
    deploymentId: 'd',
    provider: 'p',
    model: 'm',
    usage: { ...NO_USAGE, inputTokens: 900, outputTokens: 300 },
    cost: { ...NO_COST, totalUsd: '0.0023' },
    priceSource: 'config',
    acceptedAt: at,
    startedAt: at,
    endedAt: at,
  };
  return JSON.stringify(event);
}

function measure(limits: ReadonlyMap<string, Limits>): { readonly askUs: number; readonly settleUs: number } {
  let at = Date.UTC(2026, 0, 15);
  const engine = createAdmissionEngine({
    now: () => at,
    limitsOf: (scope) => limits.get(scopeName(scope)),
    onAnswer: () => undefined,
    onStop: () => undefined,
    onAlert: () => undefined,
  });
  const spent = { ask: 0, settle: 0 };
  let admitted = 0;
  for (let first = 0; first < CALLS; first += UNDER_WAY) {
    at += 200;
    const asks = Array.from({ length: UNDER_WAY }, (_, index) => askOf(first + index, at));
    const events = Array.from({ length: UNDER_WAY }, (_, index) => eventOf(first + index, at));
    const startedAt = performance.now();
    for (const text of asks) if (JSON.stringify(engine.admit(JSON.parse(text), 'in1')).includes('"admitted":true')) admitted += 1;
    const askedAt = performance.now();
    events.forEach((text, index) => engine.settle(JSON.parse(text), { seq: first + index + 1 }));
    spent.ask += askedAt - startedAt;
    spent.settle += performance.now() - askedAt;
  }
  if (admitted !== CALLS) throw new Error(`${CALLS - admitted} of ${CALLS} calls were not admitted`);
  return { askUs: (spent.ask / CALLS) * 1_000, settleUs: (spent.settle / CALLS) * 1_000 };
}

console.log(`${'limits'.padEnd(14)} ${'µs an ask'.padStart(10)} ${'asks/s'.padStart(10)} ${'µs a settlement'.padStart(16)}`);
for (const [name, limits] of Object.entries(CASES)) {
  measure(limits);
  const { askUs, settleUs } = measure(limits);
  const perSecond = Math.round(1_000_000 / askUs).toLocaleString('en');
  console.log(`${name.padEnd(14)} ${askUs.toFixed(2).padStart(10)} ${perSecond.padStart(10)} ${settleUs.toFixed(2).padStart(16)}`);
}
