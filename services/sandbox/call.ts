import type { ServerResponse } from 'node:http';
import type { Answer } from './answer.ts';
import type { ChatRequest } from './chat-request.ts';
import type { Instructions } from './instructions.ts';
import type { BilledTokens, MeteredRequest } from './meter.ts';
import type { Usage } from './usage.ts';

/** An accepted call, with its answer made up but not sent. */
export interface Call {
  readonly res: ServerResponse;
  /** Of the meter's record and `x-request-id`; the answer's is `chatcmpl-<id>`. */
  readonly id: string;
  /** Unix seconds. */
  readonly created: number;
  readonly request: ChatRequest;
  readonly instructions: Instructions;
  readonly answer: Answer;
  readonly usage: Usage;
  readonly metered: MeteredRequest;
}

/** What an answer costs of which this many tokens were produced, over all choices. */
export function billedUpTo(call: Call, completionTokens: number): BilledTokens {
  return { ...call.usage.billed, completionTokens };
}

/** Everything, of all choices. */
export function totalTokens(call: Call): number {
  return call.answer.tokenCount * call.request.choices;
}
