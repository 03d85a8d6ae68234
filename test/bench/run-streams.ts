import { createStreamCheck, faultOf } from './check-stream.ts';
import { encodeRequest, openConnection } from './http-connection.ts';
import { summarize, type Summary } from './percentile.ts';
import type { Target } from './target.ts';

export interface StreamsOptions {
  readonly streams: number;
  readonly tokensPerSecond: number;
  readonly seconds: number;
}

export interface StreamsResult {
  readonly whole: number;
  /** What was wrong, and how often. */
  readonly faults: ReadonlyMap<string, number>;
  readonly firstTokenMs: Summary;
  /** How much later than the provider's pace allows a whole stream ended. */
  readonly lateMs: Summary;
}

interface StreamOutcome {
  readonly fault: string | undefined;
  readonly firstTokenMs: number;
  readonly tookMs: number;
}

/** All streams at once, each on a connection of its own. */
export async function runStreams(target: Target, { streams, tokensPerSecond, seconds }: StreamsOptions): Promise<StreamsResult> {
  const tokens = tokensPerSecond * seconds;
  const sandbox = { tokens, numbered: true, tokens_per_second: tokensPerSecond };
  const body = { model: 'echo', stream: true, messages: [{ role: 'user', content: 'count' }], sandbox };
  const url = new URL(target.url);
  const bytes = encodeRequest({ url, headers: target.headers, body });
  const outcomes = await Promise.all(Array.from({ length: streams }, () => runStream({ url, bytes, tokens })));
  const paceMs = ((tokens - 1) * 1_000) / tokensPerSecond;
  const whole = outcomes.filter((outcome) => outcome.fault === undefined);
  const faults = Map.groupBy(
    outcomes.flatMap(({ fault }) => fault ?? []),
    (fault) => fault,
  );
  return {
    whole: whole.length,
    faults: new Map([...faults].map(([fault, all]) => [fault, all.length])),
    firstTokenMs: summarize(outcomes.map((outcome) => outcome.firstTokenMs)),
    lateMs: summarize(whole.map((outcome) => outcome.tookMs - paceMs)),
  };
}

interface StreamRun {
  readonly url: URL;
  readonly bytes: Buffer;
  readonly tokens: number;
}

function runStream({ url, bytes, tokens }: StreamRun): Promise<StreamOutcome> {
  const { promise, resolve } = Promise.withResolvers<StreamOutcome>();
  const check = createStreamCheck();
  const startedAt = performance.now();
  let firstTokenMs = 0;
  let status = 0;
  const finish = (fault: string | undefined) => {
    connection.close();
    resolve({ fault, firstTokenMs, tookMs: performance.now() - startedAt });
  };
  const connection = openConnection(url, {
    head: (value) => {
      status = value;
    },
    body: (piece) => {
      check.push(piece);
      if (firstTokenMs === 0 && check.verdict().tokens > 0) firstTokenMs = performance.now() - startedAt;
    },
    end: () => finish(status === 200 ? faultOf(check.verdict(), tokens) : `status ${status}`),
    lost: (error) => finish(`connection lost: ${error.message}`),
  });
  connection.send(bytes);
  return promise;
}
