import { breakConnection } from './break-connection.ts';
import type { Call } from './call.ts';
import type { Instructions } from './instructions.ts';
import { NOTHING_BILLED } from './meter.ts';
import { OpenAiError } from './openai-error.ts';
import { sendError, sendHtml } from './send-error.ts';
import { sendJson } from './send-json.ts';
import { sendStream } from './send-stream.ts';
import type { Ticker } from './ticker.ts';

export interface DeliveryDeps {
  readonly ticker: Ticker;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
}

/** Sends what the call's instructions ask for, when they ask for it. A client that leaves before is not billed. */
export function deliver(call: Call, deps: DeliveryDeps): void {
  const delayMs = delayBeforeHead(call);
  if (delayMs === 0) return send(call, deps);
  const leave = () => {
    clearTimeout(timer);
    call.metered.settle('aborted', NOTHING_BILLED);
  };
  const timer = setTimeout(() => {
    call.res.off('close', leave);
    send(call, deps);
  }, delayMs);
  call.res.once('close', leave);
}

/** A stream's head comes with its first token, a JSON answer when its last token is made. */
function delayBeforeHead({ instructions, request, answer }: Call): number {
  const { first_token_ms: firstTokenMs = 0, tokens_per_second: rate } = instructions;
  if (request.stream || rate === undefined || isError(instructions)) return firstTokenMs;
  return firstTokenMs + (Math.max(answer.tokenCount - 1, 0) * 1_000) / rate;
}

function isError({ status = 200 }: Instructions): boolean {
  return status !== 200;
}

function send(call: Call, deps: DeliveryDeps): void {
  const { instructions, request } = call;
  if (strikesBeforeHead(call)) return;
  if (isError(instructions)) return refuse(call);
  if (request.stream) sendStream(call, deps);
  else sendJson(call);
}

function strikesBeforeHead({ res, instructions, metered }: Call): boolean {
  const { fail, status = 200 } = instructions;
  if (fail?.kind === 'html') {
    metered.settle(status === 200 ? 'cut' : 'refused', NOTHING_BILLED);
    sendHtml(res, status);
    return true;
  }
  if (fail === undefined || fail.after_tokens !== undefined) return false;
  if (fail.kind === 'stall') res.once('close', () => metered.settle('aborted', NOTHING_BILLED));
  else if (fail.kind === 'reset' || fail.kind === 'close') {
    metered.settle('cut', NOTHING_BILLED);
    breakConnection(res, fail.kind);
  } else return false;
  return true;
}

function refuse({ res, id, instructions, metered }: Call): void {
  const { status = 500, error_message: message, error_type: type, error_code: code, retry_after: retryAfter } = instructions;
  metered.settle('refused', NOTHING_BILLED);
  sendError(res, id, new OpenAiError(status, message ?? `The sandbox answers ${status}, as it was asked to.`, { type, code, retryAfter }));
}
