import type { JsonObject } from '../json.ts';
import type { BilledTokens } from '../meter.ts';

/** A request that is no conversation, read from JSON or from a form. */
export interface OperationRequest {
  readonly id: string;
  readonly model: string;
  /** Of a form: text, but for names ending in `[]`, which are lists. */
  readonly fields: JsonObject;
  readonly files: readonly UploadedFile[];
}

export interface UploadedFile {
  readonly name: string;
  readonly filename: string;
  readonly sizeBytes: number;
  /** The last bytes of it, 64 KB at most: a file of any size is not held. */
  readonly tail: Buffer;
}

export interface OperationAnswer {
  readonly contentType: string;
  /** In pieces when it goes out as a stream. */
  readonly body: Buffer | readonly Buffer[];
  readonly billed: BilledTokens;
}

/** Throws `OpenAiError`. */
export type Operation = (request: OperationRequest) => OperationAnswer;

export function jsonAnswer(value: unknown, billed: BilledTokens): OperationAnswer {
  return { contentType: 'application/json', body: Buffer.from(JSON.stringify(value)), billed };
}

export function eventAnswer(events: readonly JsonObject[], billed: BilledTokens): OperationAnswer {
  const body = events.map((event) => Buffer.from(`event: ${String(event['type'])}\ndata: ${JSON.stringify(event)}\n\n`));
  return { contentType: 'text/event-stream; charset=utf-8', body, billed };
}
