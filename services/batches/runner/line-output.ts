import type { JobResult } from '#client';
import { fromErrorRecord, GatewayError } from '#contracts';
import type { BatchFormat, EndedLine, LineState } from '#db';
import { encodeClientError } from '#dialects';

/** How a request of a batch ended, with the bytes of its answer. */
export interface LineAnswer {
  readonly state: LineState;
  readonly status: number;
  /** JSON, on one line. */
  readonly body: string;
  readonly requestId: string;
}

/** What came back for a job, as an HTTP client would have got it. */
export function answerOf(format: BatchFormat, { job, head, error, state, body }: JobResult): LineAnswer {
  if (error === undefined && head !== undefined && state !== 'cancelled' && state !== 'expired') {
    return { state: head.status < 300 ? 'succeeded' : 'failed', status: head.status, body: oneLine(body), requestId: job };
  }
  const failure = error === undefined ? lost() : fromErrorRecord(error);
  return { ...refusedLine(format, failure, job), state: state === 'succeeded' ? 'failed' : state };
}

export function refusedLine(format: BatchFormat, error: GatewayError, requestId: string): LineAnswer {
  const { status, body } = encodeClientError(format === 'openai-batch' ? 'openai-chat' : 'anthropic-messages', error);
  return { state: 'failed', status, body: oneLine(body), requestId };
}

function lost(): GatewayError {
  return new GatewayError('internal_error', 'The answer is not stored any more.');
}

/** The bytes as they are, if they are JSON; line ends stand between its tokens only. Else they are a text. */
function oneLine(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8').trim();
  try {
    JSON.parse(text);
    return text.replaceAll(/[\r\n]+/g, '');
  } catch {
    return JSON.stringify(text);
  }
}

/** A line of the output or error file. Lines without an answer tell by their state what became of them. */
export function outputLine(format: BatchFormat, batch: string, line: EndedLine): string {
  return format === 'openai-batch' ? openaiLine(batch, line) : anthropicLine(line);
}

/** What is stored of an answer until then. */
export function storedAnswer({ status, body, requestId }: LineAnswer): string {
  return `${JSON.stringify([status, requestId])}\n${body}`;
}

const WITHOUT_ANSWER: Readonly<Record<LineState, readonly [string, string]>> = {
  succeeded: ['internal_error', 'The answer is not stored any more.'],
  failed: ['internal_error', 'The request could not be run.'],
  cancelled: ['batch_cancelled', 'The batch was cancelled before this request was run.'],
  expired: ['batch_expired', 'This request could not be run before the completion window ended.'],
  over_budget: ['budget_exceeded', 'The batch reached the spend it was allowed (max_spend_usd) before this request was run.'],
};

/** https://platform.openai.com/docs/api-reference/batch/request-output */
function openaiLine(batch: string, { line, customId, state, result }: EndedLine): string {
  const id = `batch_req_${batch.slice('batch_'.length)}_${line}`;
  const names = `"id":${JSON.stringify(id)},"custom_id":${JSON.stringify(customId)}`;
  // cancelled and expired ones have not been answered, whatever the gateway has to say of them
  if (result !== null && (state === 'succeeded' || state === 'failed')) {
    const { status, requestId, body } = readStored(result);
    return `{${names},"response":{"status_code":${status},"request_id":${JSON.stringify(requestId)},"body":${body}},"error":null}`;
  }
  const [code, message] = WITHOUT_ANSWER[state];
  return `{${names},"response":null,"error":${JSON.stringify({ code, message })}}`;
}

/** https://docs.claude.com/en/api/retrieving-message-batch-results */
function anthropicLine({ customId, state, result }: EndedLine): string {
  const name = `"custom_id":${JSON.stringify(customId)}`;
  if (state === 'cancelled') return `{${name},"result":{"type":"canceled"}}`;
  if (state === 'expired') return `{${name},"result":{"type":"expired"}}`;
  if (state === 'succeeded' && result !== null) return `{${name},"result":{"type":"succeeded","message":${readStored(result).body}}}`;
  const error = result === null ? withoutAnswer(state) : readStored(result).body;
  return `{${name},"result":{"type":"errored","error":${error}}}`;
}

function withoutAnswer(state: LineState): string {
  const [, message] = WITHOUT_ANSWER[state];
  const code = state === 'over_budget' ? 'budget_exceeded' : 'internal_error';
  return refusedLine('message-batch', new GatewayError(code, message), '').body;
}

function readStored(result: string): { status: number; requestId: string; body: string } {
  const lineEnd = result.indexOf('\n');
  const [status, requestId] = JSON.parse(result.slice(0, lineEnd)) as [number, string];
  return { status, requestId, body: result.slice(lineEnd + 1) };
}
