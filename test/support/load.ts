import { setTimeout as delay } from 'node:timers/promises';
import { chat, type ChatAnswer, type ChatTarget } from './chat-client.ts';

export interface LoadResult {
  readonly answers: readonly ChatAnswer[];
  /** Requests whose connection broke. */
  readonly broken: number;
}

const ARRIVALS_TICK_MS = 5;

/** Sends requests one after the other on several connections until `until` says so. Keeps the answers without their texts. */
export async function runLoad(options: {
  readonly target: ChatTarget;
  readonly connections: number;
  readonly body: (request: number) => unknown;
  readonly until: (sent: number) => boolean;
}): Promise<LoadResult> {
  const answers: ChatAnswer[] = [];
  let broken = 0;
  let sent = 0;
  const worker = async (): Promise<void> => {
    while (!options.until(sent)) {
      const request = sent++;
      try {
        answers.push(await chat(options.target, options.body(request)));
      } catch {
        broken += 1;
      }
    }
  };
  await Promise.all(Array.from({ length: options.connections }, worker));
  return { answers, broken };
}

/**
 * Sends requests at a steady rate, however long the answers take, until `until` says so. What the machine was too busy for is sent
 * as soon as it can; more than `mostUnderWay` at a time would only show that it is too small. Resolves when all are over.
 */
export async function runArrivals(options: {
  readonly perSecond: number;
  readonly mostUnderWay: number;
  readonly send: (request: number) => Promise<void>;
  readonly until: () => boolean;
}): Promise<void> {
  const { perSecond, mostUnderWay, send, until } = options;
  const underWay = new Set<Promise<void>>();
  let sent = 0;
  const start = (): void => {
    const one: Promise<void> = send(sent).finally(() => underWay.delete(one));
    underWay.add(one);
    sent += 1;
  };
  const startedAt = performance.now();
  while (!until()) {
    const due = ((performance.now() - startedAt) / 1_000) * perSecond;
    while (sent < due && underWay.size < mostUnderWay) start();
    await delay(ARRIVALS_TICK_MS);
  }
  await Promise.all(underWay);
}
