import type { IncomingMessage, ServerResponse } from 'node:http';
import { parseChatRequest, type ChatRequest } from './chat-request.ts';
import { composeAnswer } from './compose-answer.ts';
import { deliver, type DeliveryDeps } from './deliver.ts';
import type { Instructions } from './instructions.ts';
import { NOTHING_BILLED, type Meter, type MeteredRequest } from './meter.ts';
import { invalidRequest, OpenAiError } from './openai-error.ts';
import { readBody } from './read-body.ts';
import { resolveInstructions, type InstructionSources } from './resolve-instructions.ts';
import { sendError } from './send-error.ts';
import { composeUsage } from './usage.ts';

export interface ChatCompletionsDeps extends DeliveryDeps, InstructionSources {
  readonly meter: Meter;
  readonly idOf: (number: number) => string;
  readonly unixMs: () => number;
  readonly maxBodyBytes: number;
}

/** Bytes → request → instructions → answer, each checked; then it is delivered, at once or in its time. */
export function chatCompletions(number: number, req: IncomingMessage, res: ServerResponse, deps: ChatCompletionsDeps): void {
  readBody(req, deps.maxBodyBytes, (body) => {
    const id = deps.idOf(number);
    const { authorization } = req.headers;
    let metered: MeteredRequest | undefined;
    try {
      const request = parseBody(body, deps.maxBodyBytes);
      metered = deps.meter.begin({ number, model: request.model, authorization });
      answer({ id, res, request, metered, instructions: resolveInstructions(request, deps) }, deps);
    } catch (error) {
      metered ??= deps.meter.begin({ number, model: '(unreadable)', authorization });
      metered.settle('refused', NOTHING_BILLED);
      sendError(res, id, asOpenAiError(error));
    }
  });
}

interface AcceptedRequest {
  readonly id: string;
  readonly res: ServerResponse;
  readonly request: ChatRequest;
  readonly instructions: Instructions;
  readonly metered: MeteredRequest;
}

function answer(accepted: AcceptedRequest, deps: ChatCompletionsDeps): void {
  const { request, instructions, id } = accepted;
  const composed = composeAnswer(request, instructions, id);
  const usage = composeUsage(request, instructions, composed.tokenCount * request.choices);
  deliver({ ...accepted, created: Math.floor(deps.unixMs() / 1_000), answer: composed, usage }, deps);
}

function parseBody(body: Buffer | undefined, maxBytes: number): ChatRequest {
  if (body === undefined) throw new OpenAiError(413, `The body is larger than ${maxBytes} bytes.`);
  let value: unknown;
  try {
    value = JSON.parse(body.toString());
  } catch {
    throw invalidRequest('The body is not valid JSON.');
  }
  return parseChatRequest(value);
}

function asOpenAiError(error: unknown): OpenAiError {
  if (error instanceof OpenAiError) return error;
  return new OpenAiError(500, `The sandbox failed: ${error instanceof Error ? error.message : String(error)}`);
}
