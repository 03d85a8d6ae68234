import { METRICS_SUBJECT } from '#contracts';
import type { Bus } from './connect.ts';
import { requestAll, subscribeCore } from './messages.ts';

/** What a process tells of its metrics: prom-client's JSON. */
export interface ProcessMetrics {
  readonly instance: string;
  readonly metrics: unknown;
}

/** Answers whoever gathers metrics. Returns its end. */
export function shareMetrics(bus: Bus, instance: string, read: () => Promise<unknown>): () => void {
  return subscribeCore(bus, METRICS_SUBJECT, (message) => {
    read().then(
      (metrics) => message.respond(Buffer.from(JSON.stringify({ instance, metrics } satisfies ProcessMetrics))),
      () => message.respond(new Uint8Array(0)),
    );
  });
}

/** The metrics of every process that answers in time. */
export async function gatherMetrics(
  bus: Bus,
  options: { readonly timeoutMs: number; readonly quietMs: number },
): Promise<ProcessMetrics[]> {
  const answers = await requestAll(bus, METRICS_SUBJECT, new Uint8Array(0), options);
  return answers.map((data) => JSON.parse(Buffer.from(data).toString()) as ProcessMetrics);
}
