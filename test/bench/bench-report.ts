import type { Measurement, ProcessMeasurement } from './measure.ts';
import { median } from './percentile.ts';
import { table } from './table.ts';
import type { TargetName } from './target.ts';

/** The measurements of one target in one scenario, one per round. */
export interface Series {
  readonly target: TargetName;
  readonly scenario: string;
  readonly rounds: readonly Measurement[];
}

/** Markdown: throughput and latencies with ratios, then memory and CPU of each process. Every figure is the median of the rounds. */
export function renderReport(all: readonly Series[]): string {
  const scenarios = [...new Set(all.map((series) => series.scenario))];
  const rows = scenarios.flatMap((scenario) => all.filter((series) => series.scenario === scenario).map((series) => speedRow(series, all)));
  const speed = table(SPEED_HEAD, rows);
  const cost = table(COST_HEAD, all.flatMap(costRows));
  return `${speed}\n\n${cost}\n`;
}

const SPEED_HEAD = [
  'connections',
  'target',
  'requests/s',
  'of bare',
  'of direct',
  'p50 ms',
  'p99 ms',
  'first token p50',
  'first token p99',
  'p50 over bare',
  'failed',
];
const COST_HEAD = ['connections', 'target', 'process', 'RSS MB', 'CPU ms per 1,000'];

function speedRow(series: Series, all: readonly Series[]): string[] {
  const { scenario, target } = series;
  const perSecond = of(series, ({ load }) => load.perSecond);
  const p50 = of(series, ({ load }) => load.latencyMs.p50);
  const twin = (name: TargetName) => all.find((other) => other.target === name && other.scenario === scenario);
  const ratio = (other: Series | undefined) =>
    other === undefined ? '' : (perSecond / of(other, ({ load }) => load.perSecond)).toFixed(2);
  const bare = twin('bare');
  return [
    scenario,
    target,
    String(Math.round(perSecond)),
    ratio(bare),
    ratio(twin('direct')),
    p50.toFixed(2),
    of(series, ({ load }) => load.latencyMs.p99).toFixed(2),
    firstToken(series, 'p50'),
    firstToken(series, 'p99'),
    bare === undefined || target === 'bare' || target === 'direct'
      ? ''
      : `+${(p50 - of(bare, ({ load }) => load.latencyMs.p50)).toFixed(2)} ms`,
    String(series.rounds.reduce((sum, { load }) => sum + load.failed, 0)),
  ];
}

function firstToken(series: Series, which: 'p50' | 'p99'): string {
  const values = series.rounds.flatMap(({ load }) => (load.firstTokenMs === undefined ? [] : [load.firstTokenMs[which]]));
  return values.length === 0 ? '' : median(values).toFixed(2);
}

function costRows(series: Series): string[][] {
  const names = [...new Set(series.rounds.flatMap(({ usage }) => usage.map(({ name }) => name)))];
  const rows = names.map((name) => {
    const found = series.rounds.flatMap(({ usage }) => usage.filter((process) => process.name === name));
    const figure = (pick: (process: ProcessMeasurement) => number) => median(found.map(pick));
    return { name, rssMb: figure(({ rssMb }) => rssMb), cpu: figure(({ cpuMsPer1000 }) => cpuMsPer1000) };
  });
  const total = { name: 'all', rssMb: sum(rows.map(({ rssMb }) => rssMb)), cpu: sum(rows.map(({ cpu }) => cpu)) };
  const shown = rows.length > 1 ? [...rows, total] : rows;
  return shown.map(({ name, rssMb, cpu }) => [series.scenario, series.target, name, rssMb.toFixed(0), cpu.toFixed(0)]);
}

function of(series: Series, pick: (measurement: Measurement) => number): number {
  return median(series.rounds.map(pick));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
