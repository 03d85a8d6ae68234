import { breakConnection } from './break-connection.ts';
import { billedUpTo, totalTokens, type Call } from './call.ts';
import type { Failure } from './instructions.ts';
import { NOTHING_BILLED } from './meter.ts';
import { OpenAiError } from './openai-error.ts';

/** The answer in one piece, or the failure that was asked for in its place. */
export function sendJson(call: Call): void {
  const { fail } = call.instructions;
  switch (fail?.kind) {
    case 'reset':
    case 'close':
    case 'stall':
      return sendPart(call, fail);
    case 'bad-json':
    case 'garbage-sse':
      return finish(call, 'cut', Buffer.from(answerJson(call)).subarray(0, -20));
    case 'error-event':
      call.metered.settle('cut', NOTHING_BILLED);
      return end(call, Buffer.from(eventError(call).toJson()));
    default:
      return finish(call, 'completed', Buffer.from(answerJson(call)));
  }
}

/** An error in place of an answer, or of the rest of it, after a 200. */
export function eventError({ instructions }: Call): OpenAiError {
  const message = instructions.error_message ?? 'The server had an error while processing your request.';
  return new OpenAiError(500, message, { type: instructions.error_type, code: instructions.error_code });
}

function answerJson(call: Call): string {
  const { id, created, request, answer, usage, instructions } = call;
  const message = answer.message();
  const reason = instructions.fail?.kind === 'no-finish' ? 'null' : JSON.stringify(answer.finishReason);
  let choices = '';
  for (let index = 0; index < request.choices; index += 1) {
    choices += `${index === 0 ? '' : ','}{"index":${index},"message":${message},"logprobs":null,"finish_reason":${reason}}`;
  }
  const stated = usage.json === undefined ? '' : `,"usage":${usage.json}`;
  return (
    `{"id":"chatcmpl-${id}","object":"chat.completion","created":${created},"model":${JSON.stringify(request.model)},` +
    `"choices":[${choices}]${stated},"system_fingerprint":"fp_sandbox"}`
  );
}

function finish(call: Call, outcome: 'completed' | 'cut', body: Buffer): void {
  call.metered.settle(outcome, call.usage.billed);
  end(call, body);
}

function end(call: Call, body: Buffer): void {
  writeHead(call, body.length).end(body);
}

function writeHead({ res, id, instructions }: Call, length: number): Call['res'] {
  const type = instructions.fail?.kind === 'wrong-content-type' ? 'text/plain; charset=utf-8' : 'application/json';
  return res.writeHead(200, ['content-type', type, 'content-length', String(length), 'x-request-id', id]);
}

/** As much of the body as there would be after so many tokens, never all of it; the head promises the whole. */
function sendPart(call: Call, fail: Failure): void {
  const { res } = call;
  const body = Buffer.from(answerJson(call));
  const total = totalTokens(call);
  const tokens = Math.min(fail.after_tokens ?? 0, total);
  const part = body.subarray(0, Math.floor(((body.length - 1) * tokens) / Math.max(total, 1)));
  const billed = billedUpTo(call, tokens);
  writeHead(call, body.length).flushHeaders();
  if (part.length > 0) res.write(part);
  if (fail.kind === 'reset' || fail.kind === 'close') {
    call.metered.settle('cut', billed);
    return breakConnection(res, fail.kind);
  }
  res.once('close', () => call.metered.settle('aborted', billed));
}
