import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { breakConnection } from '../break-connection.ts';
import { type Instructions, parseInstructions } from '../instructions.ts';
import { type Meter, type MeteredRequest, NOTHING_BILLED } from '../meter.ts';
import { modelInstructions } from '../models.ts';
import { invalidRequest, OpenAiError } from '../openai-error.ts';
import type { Behaviour } from '../resolve-instructions.ts';
import { sendError } from '../send-error.ts';
import { embeddings } from './embeddings.ts';
import { editImages, generateImages } from './images.ts';
import { moderations } from './moderations.ts';
import type { Operation, OperationAnswer } from './operation.ts';
import { readOperation } from './read-operation.ts';
import { rerank } from './rerank.ts';
import { speech } from './speech.ts';
import { transcribe, translate } from './transcriptions.ts';

export interface OperationDeps {
  readonly meter: Meter;
  readonly idOf: (number: number) => string;
  readonly behaviour: Behaviour | undefined;
  readonly anyModel: boolean;
  readonly maxBodyBytes: number;
}

/** Address → what it does, and the model that does it. */
const OPERATIONS: Readonly<Record<string, { readonly model: string; readonly run: Operation }>> = {
  '/v1/embeddings': { model: 'embed', run: embeddings },
  '/v1/images/generations': { model: 'image', run: generateImages },
  '/v1/images/edits': { model: 'image', run: editImages },
  '/v1/audio/speech': { model: 'speech', run: speech },
  '/v1/audio/transcriptions': { model: 'transcribe', run: transcribe },
  '/v1/audio/translations': { model: 'transcribe', run: translate },
  '/v1/moderations': { model: 'moderate', run: moderations },
  '/v1/rerank': { model: 'rerank', run: rerank },
};

export function isOperation(path: string | undefined): boolean {
  return path !== undefined && Object.hasOwn(OPERATIONS, path);
}

/** Of conversations' instructions these take `status` with its error fields and, of the failures, `reset`, `close` and `stall`. */
export async function serveOperation(number: number, req: IncomingMessage, res: ServerResponse, deps: OperationDeps): Promise<void> {
  const id = deps.idOf(number);
  const { authorization } = req.headers;
  let metered: MeteredRequest | undefined;
  try {
    const { fields, files } = await readOperation(req, deps.maxBodyBytes);
    const { model } = fields;
    if (typeof model !== 'string' || model === '') throw invalidRequest('model must be a string.', 'model');
    metered = deps.meter.begin({ number, model, authorization });
    const operation = OPERATIONS[req.url ?? ''];
    if (operation === undefined) throw new OpenAiError(404, 'There is no such operation.');
    const instructions = instructionsFor(model, operation.model, fields['sandbox'], deps);
    refuseAsTold(instructions);
    await deliver(operation.run({ id, model, fields, files }), { id, res, metered, instructions });
  } catch (error) {
    metered ??= deps.meter.begin({ number, model: '(unreadable)', authorization });
    metered.settle('refused', NOTHING_BILLED);
    if (!res.headersSent)
      sendError(res, id, error instanceof OpenAiError ? error : new OpenAiError(500, `The sandbox failed: ${String(error)}`));
  }
}

function instructionsFor(model: string, own: string, told: unknown, deps: OperationDeps): Instructions {
  const ambient = deps.behaviour?.(model);
  const byName = model.startsWith('error-') ? modelInstructions(model) : undefined;
  const isKnown = model === own || byName !== undefined || ambient !== undefined || told !== undefined || deps.anyModel;
  if (!isKnown) throw new OpenAiError(404, `The model '${model}' does not exist for this. It is called '${own}'.`, { param: 'model' });
  return { ...byName, ...ambient, ...(told === undefined ? {} : parseInstructions(typeof told === 'string' ? JSON.parse(told) : told)) };
}

function refuseAsTold({
  status = 200,
  error_message: message,
  error_type: type,
  error_code: code,
  retry_after: retryAfter,
}: Instructions): void {
  if (status === 200) return;
  throw new OpenAiError(status, message ?? `The sandbox answers ${status}, as it was asked to.`, { type, code, retryAfter });
}

interface Delivery {
  readonly id: string;
  readonly res: ServerResponse;
  readonly metered: MeteredRequest;
  readonly instructions: Instructions;
}

async function deliver(answer: OperationAnswer, { id, res, metered, instructions }: Delivery): Promise<void> {
  const { fail } = instructions;
  const breaks = fail?.kind === 'reset' || fail?.kind === 'close' ? fail.kind : undefined;
  if (breaks !== undefined && fail?.after_tokens === undefined) {
    metered.settle('cut', NOTHING_BILLED);
    return breakConnection(res, breaks);
  }
  res.once('close', () => metered.settle('aborted', answer.billed));
  const { body, contentType } = answer;
  const pieces = Buffer.isBuffer(body) ? [body] : body;
  const length = Buffer.isBuffer(body) ? ['content-length', String(body.length)] : [];
  res.writeHead(200, ['content-type', contentType, 'x-request-id', id, ...length]);
  const until = breaks === undefined && fail?.kind !== 'stall' ? pieces.length : Math.ceil(pieces.length / 2);
  for (const piece of pieces.slice(0, until)) {
    if (res.destroyed) return;
    if (!res.write(piece)) await Promise.race([once(res, 'drain'), once(res, 'close')]);
  }
  if (fail?.kind === 'stall') return;
  metered.settle(breaks === undefined ? 'completed' : 'cut', answer.billed);
  if (breaks === undefined) res.end();
  else breakConnection(res, breaks);
}
