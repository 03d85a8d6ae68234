import { encodeRequest, openConnection, type HttpConnection } from './http-connection.ts';
import { summarize, type Summary } from './percentile.ts';

export interface LoadOptions {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: object;
  readonly connections: number;
  /** Ends after this time or this many requests, whichever is first; requests under way are finished. */
  readonly seconds?: number;
  readonly requests?: number;
}

/** Times in milliseconds. */
export interface LoadResult {
  readonly requests: number;
  readonly failed: number;
  /** Up to five different reasons. */
  readonly failures: readonly string[];
  readonly seconds: number;
  readonly perSecond: number;
  readonly latencyMs: Summary;
  /** Until the first bytes that hold content; streams only. */
  readonly firstTokenMs: Summary | undefined;
}

interface Tally {
  started: number;
  finished: number;
  failed: number;
  readonly failures: Set<string>;
  readonly latencies: number[];
  readonly firstTokens: number[];
}

/** Closed loop: each connection sends its next request when it has the answer to the one before. */
export async function runLoad(options: LoadOptions): Promise<LoadResult> {
  const url = new URL(options.url);
  const bytes = encodeRequest({ url, headers: options.headers, body: options.body });
  const tally: Tally = { started: 0, finished: 0, failed: 0, failures: new Set(), latencies: [], firstTokens: [] };
  const startedAt = performance.now();
  const endsAt = startedAt + (options.seconds ?? Infinity) * 1_000;
  const mayStart = () => tally.started < (options.requests ?? Infinity) && performance.now() < endsAt;
  await Promise.all(Array.from({ length: options.connections }, () => driveConnection({ url, bytes, tally, mayStart })));
  return resultOf(tally, (performance.now() - startedAt) / 1_000);
}

interface Drive {
  readonly url: URL;
  readonly bytes: Buffer;
  readonly tally: Tally;
  readonly mayStart: () => boolean;
}

const FIRST_CONTENT = Buffer.from('"delta":{"content":');

function driveConnection({ url, bytes, tally, mayStart }: Drive): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let connection: HttpConnection;
  let sentAt = 0;
  let status = 0;
  let sawContent = false;

  function next(): void {
    if (!mayStart()) {
      connection.close();
      return resolve();
    }
    tally.started += 1;
    sawContent = false;
    sentAt = performance.now();
    connection.send(bytes);
  }

  function fail(reason: string): void {
    tally.failed += 1;
    if (tally.failures.size < 5) tally.failures.add(reason);
  }

  function open(): void {
    connection = openConnection(url, {
      head: (value) => {
        status = value;
      },
      body: (piece) => {
        if (sawContent || !piece.includes(FIRST_CONTENT)) return;
        sawContent = true;
        tally.firstTokens.push(performance.now() - sentAt);
      },
      end: () => {
        tally.finished += 1;
        tally.latencies.push(performance.now() - sentAt);
        if (status !== 200) fail(`status ${status}`);
        next();
      },
      lost: (error) => {
        fail(error.message);
        // A server that is gone would be asked millions of times a second.
        setTimeout(() => (open(), next()), 50);
      },
    });
  }

  open();
  next();
  return promise;
}

function resultOf(tally: Tally, seconds: number): LoadResult {
  return {
    requests: tally.finished,
    failed: tally.failed,
    failures: [...tally.failures],
    seconds,
    perSecond: (tally.finished - tally.failed) / seconds,
    latencyMs: summarize(tally.latencies),
    firstTokenMs: tally.firstTokens.length === 0 ? undefined : summarize(tally.firstTokens),
  };
}
