import { METRICS_SUBJECT } from '#contracts';
import type { Bus } from './connect.ts';
import { subscribeCore } from './messages.ts';

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
  const answers: ProcessMetrics[] = [];
  try {
    const replies = await bus.nc.requestMany(METRICS_SUBJECT, new Uint8Array(0), {
      strategy: 'stall',
      stall: options.quietMs,
      maxWait: options.timeoutMs,
    });
    for await (const reply of replies)
      if (reply.data.length > 0) answers.push(JSON.parse(Buffer.from(reply.data).toString()) as ProcessMetrics);
  } catch {
    // nobody answers, or the connection is away: then there is nothing to add
  }
  return answers;
}
