import { breakConnection } from './break-connection.ts';
import { billedUpTo, totalTokens, type Call } from './call.ts';
import type { Failure } from './instructions.ts';
import { eventError } from './send-json.ts';
import { createStreamEvents, STREAM_DONE } from './stream-events.ts';
import type { Ticker } from './ticker.ts';

/**
 * The answer as server-sent events: `flowing` (tokens go out as they are due and the client takes them) until `stopAt`, then
 * `ended` by its finish or by the failure that was asked for, or before that by the client.
 */
export function sendStream(call: Call, { ticker, now }: { readonly ticker: Ticker; readonly now: () => number }): void {
  const { res, instructions } = call;
  const events = createStreamEvents(call);
  const stopAt = lastToken(call);
  const rate = instructions.tokens_per_second;
  const startedAt = now();
  let sent = 0;
  let waitsForDrain = false;
  let ended = false;

  function pump(nowMs: number): void {
    const due = rate === undefined ? stopAt : Math.min(stopAt, dueTokens(nowMs - startedAt, rate));
    if (waitsForDrain || (sent === due && sent < stopAt)) return;
    while (sent < due && !waitsForDrain) writeBatch(Math.min(due, sent + BATCH_TOKENS));
    if (sent >= stopAt) finish();
  }

  function writeBatch(until: number): void {
    let batch = '';
    while (sent < until) batch += events.token(sent++);
    waitsForDrain = !res.write(batch);
    if (waitsForDrain) res.once('drain', resume);
  }

  function resume(): void {
    waitsForDrain = false;
    if (!ended) pump(now());
  }

  function finish(): void {
    ended = true;
    endStream(call, sent, events);
  }

  res.once('close', () => {
    ended = true;
    call.metered.settle('aborted', billedUpTo(call, sent));
  });
  writeHead(call);
  if (stopAt > 0 || instructions.fail === undefined) res.write(events.opening());
  pump(startedAt);
  if (rate === undefined || ended) return;
  ticker.add((nowMs) => {
    if (!ended) pump(nowMs);
    return !ended;
  });
}

/** Events joined in one write, where no pace is asked for: a write per event took 3.3 times the CPU time (500 tokens, 16 readers). */
const BATCH_TOKENS = 64;

/** The first one at once, each of the others after its interval. */
export function dueTokens(elapsedMs: number, tokensPerSecond: number): number {
  return 1 + Math.floor((elapsedMs * tokensPerSecond) / 1_000);
}

function writeHead({ res, id, instructions }: Call): void {
  const type = instructions.fail?.kind === 'wrong-content-type' ? 'text/plain; charset=utf-8' : 'text/event-stream; charset=utf-8';
  res.writeHead(200, ['content-type', type, 'cache-control', 'no-cache', 'x-request-id', id]);
}

/** How many tokens go out before the finish or the failure. */
function lastToken(call: Call): number {
  const { fail } = call.instructions;
  const total = totalTokens(call);
  if (fail === undefined || fail.kind === 'wrong-content-type' || fail.kind === 'no-done') return total;
  return Math.min(fail.after_tokens ?? (fail.kind === 'no-finish' ? total : 0), total);
}

function endStream(call: Call, sent: number, events: { closing(): string }): void {
  const { fail } = call.instructions;
  if (fail === undefined || fail.kind === 'wrong-content-type') return complete(call, events.closing() + STREAM_DONE);
  if (fail.kind === 'no-done') return complete(call, events.closing());
  if (fail.kind === 'stall') return call.res.flushHeaders();
  call.metered.settle('cut', billedUpTo(call, sent));
  cut(call, fail);
}

function complete(call: Call, lastBytes: string): void {
  call.metered.settle('completed', call.usage.billed);
  call.res.end(lastBytes);
}

function cut(call: Call, fail: Failure): void {
  const { res } = call;
  switch (fail.kind) {
    case 'reset':
    case 'close':
      res.flushHeaders();
      return breakConnection(res, fail.kind);
    case 'error-event':
      return void res.end(`data: ${eventError(call).toJson()}\n\n`);
    case 'bad-json':
      return void res.end(`data: {"id":"chatcmpl-${call.id}","object":"chat.completion.chunk","choi\n\n`);
    case 'garbage-sse':
      return void res.end('\u0000\u0001<<< this is no event stream >>>\n{"neither":"here"}\n\n\n:::\n');
    default:
      return void res.end();
  }
}
