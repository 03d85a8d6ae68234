import type { IncomingMessage } from 'node:http';
import { Busboy } from '@fastify/busboy';
import { isObject, type JsonObject } from '../json.ts';
import { invalidRequest, OpenAiError } from '../openai-error.ts';
import { readBody } from '../read-body.ts';
import type { UploadedFile } from './operation.ts';

export interface OperationBody {
  readonly fields: JsonObject;
  readonly files: readonly UploadedFile[];
}

const TAIL_BYTES = 64 * 1024;

/** JSON or a form. Rejects with `OpenAiError`; the request is read to its end all the same. */
export function readOperation(req: IncomingMessage, maxBytes: number): Promise<OperationBody> {
  return /^multipart\/form-data/i.test(req.headers['content-type'] ?? '') ? readForm(req) : readJson(req, maxBytes);
}

async function readJson(req: IncomingMessage, maxBytes: number): Promise<OperationBody> {
  const body = await new Promise<Buffer | undefined>((resolve) => readBody(req, maxBytes, resolve));
  if (body === undefined) throw new OpenAiError(413, `The body is larger than ${maxBytes} bytes.`);
  return { fields: parse(body), files: [] };
}

function parse(body: Buffer): JsonObject {
  try {
    const value: unknown = JSON.parse(body.toString());
    if (isObject(value)) return value;
  } catch {
    // falls through to the refusal
  }
  throw invalidRequest('The body must be a JSON object.');
}

function readForm(req: IncomingMessage): Promise<OperationBody> {
  return new Promise((resolve, reject) => {
    const fields: Record<string, unknown> = {};
    const files: UploadedFile[] = [];
    const parser = openParser(req, reject);
    if (parser === undefined) return void req.resume();
    parser.on('field', (name, value) => {
      const before: unknown = fields[name];
      fields[name] = name.endsWith('[]') ? [...(Array.isArray(before) ? (before as unknown[]) : []), value] : value;
    });
    parser.on('file', (name, file, filename) => {
      let sizeBytes = 0;
      let tail = Buffer.alloc(0);
      file.on('data', (chunk: Buffer) => {
        sizeBytes += chunk.length;
        tail = Buffer.concat([tail, chunk]).subarray(-TAIL_BYTES);
      });
      file.on('error', () => undefined);
      file.on('end', () => files.push({ name, filename, sizeBytes, tail }));
    });
    parser.on('finish', () => resolve({ fields, files }));
    parser.on('error', () => {
      req.unpipe(parser);
      req.resume();
      reject(invalidRequest('The form is broken.'));
    });
    req.pipe(parser);
  });
}

function openParser(req: IncomingMessage, reject: (error: unknown) => void) {
  try {
    return new Busboy({ headers: { ...req.headers, 'content-type': req.headers['content-type'] ?? '' } });
  } catch {
    reject(invalidRequest('The form has no boundary.'));
    return undefined;
  }
}
