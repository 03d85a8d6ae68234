import { ApiError, type GatewayApi, isRecord } from './gateway-api.ts';
import { cell, textTable } from './text-table.ts';

/** One look at a gateway. */
export interface TopSample {
  readonly atMs: number;
  readonly metrics: readonly MetricSample[];
  readonly queues: readonly Readonly<Record<string, unknown>>[];
  readonly spendUsd: number | undefined;
}

interface MetricSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export async function readTopSample(api: GatewayApi, atMs: number): Promise<TopSample> {
  const [metrics, queues, spend] = await Promise.all([
    api.call('GET', '/metrics'),
    orUndefined(api.call('GET', '/queue/list')),
    orUndefined(api.call('GET', '/global/spend')),
  ]);
  const list = isRecord(queues) ? queues['queues'] : undefined;
  const spent = isRecord(spend) ? Number(spend['spend']) : NaN;
  return {
    atMs,
    metrics: parseMetrics(typeof metrics === 'string' ? metrics : ''),
    queues: Array.isArray(list) ? list.filter(isRecord) : [],
    spendUsd: Number.isFinite(spent) ? spent : undefined,
  };
}

/** A key that may not see all of it is shown the rest. */
function orUndefined(answer: Promise<unknown>): Promise<unknown> {
  return answer.catch((error: unknown) => {
    if (error instanceof ApiError) return undefined;
    throw error;
  });
}

const SAMPLE = /^(headrace_\w+)(?:\{(.*)\})? ([-+\d.eE]+)$/;
const LABEL = /(\w+)="((?:[^"\\]|\\.)*)"/g;

/** The product's own metrics of a page in Prometheus's text format. */
export function parseMetrics(page: string): MetricSample[] {
  return page.split('\n').flatMap((line) => {
    const [, name, labels = '', value] = SAMPLE.exec(line) ?? [];
    if (name === undefined) return [];
    return [
      { name, labels: Object.fromEntries([...labels.matchAll(LABEL)].map(([, key = '', text = '']) => [key, text])), value: Number(value) },
    ];
  });
}

/** A screen: rates since the sample before, worker pools by provider, and the queues in which something waits or runs. */
export function renderTop(now: TopSample, before: TopSample | undefined): string {
  const rate = (name: string, where: Readonly<Record<string, string>> = {}): string => {
    if (before === undefined) return '-';
    const seconds = (now.atMs - before.atMs) / 1_000;
    return (Math.max(0, sum(now, name, where) - sum(before, name, where)) / seconds).toFixed(1);
  };
  const spend = now.spendUsd === undefined ? '' : `   spent $${now.spendUsd.toFixed(4)}${spendRate(now, before)}`;
  const head =
    `requests/s ${rate('headrace_requests_total')}   in flight ${sum(now, 'headrace_requests_in_flight')}   ` +
    `attempts/s ${rate('headrace_worker_attempts_total')}   ledger behind ${sum(now, 'headrace_ledger_lag_events')}${spend}`;
  const providers = [
    ...new Set(now.metrics.filter(({ name }) => name === 'headrace_worker_slots').map(({ labels }) => labels['provider'] ?? '')),
  ];
  const pools = providers.toSorted().map((provider) => {
    const running = sum(now, 'headrace_worker_running_jobs', { provider });
    const slots = sum(now, 'headrace_worker_slots', { provider });
    return [
      provider,
      `${running}/${slots}`,
      `${slots === 0 ? 0 : Math.round((running / slots) * 100)} %`,
      rate('headrace_worker_attempts_total', { provider }),
      rate('headrace_worker_attempts_total', { provider, status: 'success' }),
    ];
  });
  const queues = now.queues
    .filter(({ jobs, held }) => Number(jobs) > 0 || (held !== undefined && held !== null))
    .map((queue) => {
      const { lane, tier, provider, queue: own, waiting, running, oldest_seconds: oldest, held } = queue;
      return [cell(lane), cell(tier), cell(provider), cell(own), cell(waiting), cell(running), Number(oldest).toFixed(1), cell(held)];
    });
  return [
    head,
    '',
    textTable(['POOL', 'RUNNING', 'USED', 'ATTEMPTS/S', 'SUCCESSES/S'], pools),
    '',
    queues.length === 0
      ? 'no jobs in the queues'
      : textTable(['LANE', 'TIER', 'PROVIDER', 'QUEUE', 'WAITING', 'RUNNING', 'OLDEST S', 'HELD'], queues),
  ].join('\n');
}

function spendRate(now: TopSample, before: TopSample | undefined): string {
  if (before?.spendUsd === undefined || now.spendUsd === undefined) return '';
  const hours = (now.atMs - before.atMs) / 3_600_000;
  return ` ($${(Math.max(0, now.spendUsd - before.spendUsd) / hours).toFixed(2)}/h)`;
}

function sum({ metrics }: TopSample, name: string, where: Readonly<Record<string, string>> = {}): number {
  const matches = ({ name: found, labels }: MetricSample): boolean =>
    found === name && Object.entries(where).every(([key, value]) => labels[key] === value);
  return metrics.filter(matches).reduce((total, { value }) => total + value, 0);
}
