import type { EngineFigures } from '#budgets';
import { Counter, Gauge, type Registry } from 'prom-client';

export interface AdmissionMetrics {
  /** `parked` ones are counted again by how they end. */
  readonly asked: (outcome: string) => void;
  /** Tickets given ahead of their jobs. */
  readonly gaveSpares: (count: number) => void;
  readonly topUps: Counter<'outcome'>;
  readonly takeovers: Counter;
}

/** As the leader sees it at this moment; undefined in a process that does not lead. */
export interface LeaderFigures extends EngineFigures {
  /** Events of the stream that are not counted yet. */
  readonly behind: number;
}

export function createAdmissionMetrics(registry: Registry, read: () => LeaderFigures | undefined): AdmissionMetrics {
  const registers = [registry];
  const gauge = (name: string, help: string, value: (figures: LeaderFigures | undefined) => number): Gauge =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(value(read()));
      },
    });
  gauge('headrace_admission_leader', '1 in the process that has the lead of admission', (figures) => (figures === undefined ? 0 : 1));
  gauge('headrace_admission_holds', 'Jobs that something is held for', (figures) => figures?.holds ?? 0);
  gauge('headrace_admission_parked', 'Requests that wait for what other calls hold of a budget', (figures) => figures?.parked ?? 0);
  gauge('headrace_admission_reserved_usd', 'US dollars held for calls under way', (figures) => Number(figures?.reservedUsd ?? 0));
  gauge('headrace_admission_lag_events', 'Attempt events that are not counted yet', (figures) => figures?.behind ?? 0);
  // a counter with labels takes a microsecond for each call: it is told of them when somebody reads it
  const outcomes = new Map<string, number>();
  new Counter({
    name: 'headrace_admission_asks_total',
    help: 'Requests that asked for admission, by outcome: admitted, parked, the limit that refused them, or spare: tickets ahead of calls',
    labelNames: ['outcome'],
    registers,
    collect() {
      for (const [outcome, count] of outcomes) this.inc({ outcome }, count);
      outcomes.clear();
    },
  });
  return {
    asked: (outcome) => void outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1),
    gaveSpares: (count) => void outcomes.set('spare', (outcomes.get('spare') ?? 0) + count),
    topUps: new Counter({
      name: 'headrace_admission_top_ups_total',
      help: 'Streams that asked for more, by outcome: given, refused, unknown',
      labelNames: ['outcome'],
      registers,
    }),
    takeovers: new Counter({ name: 'headrace_admission_takeovers_total', help: 'Times that this process has taken the lead', registers }),
  };
}
