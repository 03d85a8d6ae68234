import type { JobResult } from '#client';
import { isRecord } from '../gateway-api.ts';
import type { BadLine } from './batch-line.ts';

/** What the output has of a line that is over, as far as it is counted. */
export interface LineOutcome {
  readonly id: string;
  readonly failed: boolean;
  /** Decimal text. */
  readonly costUsd: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

const PREFIX = 'batch_req_';

/** A line of the output in the form of OpenAI's batches, with what it cost under `headrace`. */
export function outputRecord(result: JobResult, customId: string): object {
  const { id, job, head, error, body, state } = result;
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString();
  const { costUsd, inputTokens, outputTokens } = outcomeOf(result);
  return {
    id: PREFIX + id,
    custom_id: customId,
    response: head === undefined ? null : { status_code: head.status, request_id: job, body: parse(text) ?? text },
    error:
      head !== undefined && error === undefined
        ? null
        : { code: error?.code ?? state, message: error?.message ?? `The job ended as ${state}.` },
    headrace: { state, cost_usd: costUsd, input_tokens: inputTokens, output_tokens: outputTokens },
  };
}

export function badLineRecord({ id, line, customId, problem }: BadLine): object {
  return {
    id: PREFIX + id,
    custom_id: customId,
    response: null,
    error: { code: 'invalid_line', message: `Line ${line}: ${problem}.` },
    headrace: { state: 'failed', cost_usd: '0', input_tokens: 0, output_tokens: 0 },
  };
}

export function outcomeOf({ id, state, cost, usage }: JobResult): LineOutcome {
  return {
    id,
    failed: state !== 'succeeded',
    costUsd: cost?.totalUsd ?? '0',
    inputTokens: usage?.inputTokens ?? 0,
    outputTokens: usage?.outputTokens ?? 0,
  };
}

/** What a line of an output says that is there already; undefined for one that is not of this kind. */
export function readOutcome(text: string): LineOutcome | undefined {
  const value = parse(text);
  if (!isRecord(value) || typeof value['id'] !== 'string' || !value['id'].startsWith(PREFIX)) return undefined;
  const facts = isRecord(value['headrace']) ? value['headrace'] : {};
  return {
    id: value['id'].slice(PREFIX.length),
    failed: facts['state'] !== 'succeeded',
    costUsd: typeof facts['cost_usd'] === 'string' ? facts['cost_usd'] : '0',
    inputTokens: Number(facts['input_tokens'] ?? 0),
    outputTokens: Number(facts['output_tokens'] ?? 0),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
