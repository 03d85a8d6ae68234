import { InvalidMessage } from './job.ts';

/**
 * A multipart form between ingress and worker: the job's body when `JobMeta.uploadRef` is set. Its files lie one behind the
 * other in that object of the `bodies` store, in the order of their parts.
 */
export interface UploadForm {
  readonly parts: readonly UploadPart[];
}

export type UploadPart = UploadField | UploadFile;

export interface UploadField {
  readonly name: string;
  readonly value: string;
}

export interface UploadFile {
  readonly name: string;
  readonly filename: string;
  readonly contentType: string;
  readonly sizeBytes: number;
  /** The first bytes, base64: enough to tell a WAV file's length. */
  readonly head: string;
}

export function isUploadFile(part: UploadPart): part is UploadFile {
  return 'filename' in part;
}

export function encodeUploadForm(form: UploadForm): Uint8Array {
  return Buffer.from(JSON.stringify(form));
}

/** Throws `InvalidMessage`. */
export function decodeUploadForm(body: Uint8Array): UploadForm {
  const { parts } = parse(body);
  if (!Array.isArray(parts)) throw new InvalidMessage('an upload form has no parts');
  return { parts: parts.map(readPart) };
}

function parse(body: Uint8Array): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString());
    if (isRecord(value)) return value;
  } catch (error) {
    throw new InvalidMessage('an upload form is not JSON', { cause: error });
  }
  throw new InvalidMessage('an upload form is not an object');
}

function readPart(part: unknown): UploadPart {
  if (!isRecord(part) || typeof part['name'] !== 'string') throw new InvalidMessage('a part of an upload form has no name');
  const { name, value, filename, contentType, sizeBytes, head } = part;
  if (typeof value === 'string') return { name, value };
  const isFile = typeof filename === 'string' && typeof contentType === 'string' && typeof head === 'string';
  if (!isFile || typeof sizeBytes !== 'number' || !Number.isSafeInteger(sizeBytes) || sizeBytes < 0) {
    throw new InvalidMessage('a part of an upload form is neither a field nor a file');
  }
  return { name, filename, contentType, sizeBytes, head };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
