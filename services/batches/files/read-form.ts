import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { PassThrough, type Readable } from 'node:stream';
import { Busboy, type BusboyInstance } from '@fastify/busboy';
import { GatewayError } from '#contracts';

export interface FormFile {
  readonly filename: string;
  /** Must be read to its end; throws `GatewayError` when the form breaks. */
  readonly chunks: AsyncIterable<Buffer>;
}

export interface Form {
  /** The fields that stand before the file; once that is read, all. */
  readonly fields: ReadonlyMap<string, string>;
  readonly file: FormFile;
  /** Resolves when the whole form has been read, what stands behind the file too. */
  readonly finished: Promise<void>;
}

const MOST_FIELDS = 20;
const FIELD_BYTES = 64 * 1024;

/** Reads a multipart form (RFC 7578) with one file as it arrives; nothing of the file is held. Throws `invalid_request`, `body_too_large`. */
export async function readForm(request: IncomingMessage, { limitBytes }: { limitBytes: number }): Promise<Form> {
  const parser = openParser(request);
  const fields = new Map<string, string>();
  const found = Promise.withResolvers<FormFile>();
  const trouble = Promise.withResolvers<never>();
  trouble.promise.catch(() => undefined);
  const fail = (error: GatewayError): void => {
    request.unpipe(parser);
    request.resume();
    trouble.reject(error);
    found.reject(error);
  };
  parser.on('field', (name, value) => void fields.set(name, value));
  parser.on('file', (name, file, filename) => {
    if (name !== 'file')
      fail(new GatewayError('invalid_request', `The form has a file '${name}'. Send one file, as the field 'file'.`, { param: name }));
    found.resolve({ filename: filename ?? 'file', chunks: limited(file, limitBytes, trouble.promise) });
  });
  parser.on('error', (error: unknown) => fail(broken(error)));
  request.once('aborted', () => fail(new GatewayError('client_gone', 'The client closed the connection.')));
  const finished = Promise.race([once(parser, 'finish').then(() => undefined), trouble.promise]);
  finished.catch(() => undefined);
  const missing = finished.then((): never => {
    throw new GatewayError('invalid_request', "The form has no file. Send it as the field 'file'.", { param: 'file' });
  });
  missing.catch(() => undefined);
  request.pipe(parser);
  return { fields, file: await Promise.race([found.promise, missing]), finished };
}

function openParser(request: IncomingMessage): BusboyInstance {
  const contentType = request.headers['content-type'] ?? '';
  if (!/^multipart\/form-data\b/i.test(contentType)) {
    throw new GatewayError('unsupported_media_type', 'Send the file as multipart/form-data, with the fields file and purpose.');
  }
  try {
    const limits = { fields: MOST_FIELDS, files: 1, fieldSize: FIELD_BYTES, headerPairs: 32 };
    return new Busboy({ headers: { ...request.headers, 'content-type': contentType }, limits });
  } catch (error) {
    throw new GatewayError('invalid_request', 'The multipart body has no boundary in its content-type.', { cause: error });
  }
}

/** A pipe of our own between: what goes wrong elsewhere in the form ends the file too. */
function limited(file: Readable, limitBytes: number, trouble: Promise<never>): AsyncIterable<Buffer> {
  const pipe = new PassThrough();
  let sizeBytes = 0;
  trouble.catch((error: Error) => pipe.destroy(error));
  file.on('error', (error: unknown) => pipe.destroy(broken(error)));
  file.on('data', (chunk: Buffer) => {
    sizeBytes += chunk.length;
    if (sizeBytes <= limitBytes) return;
    const megabytes = Math.round(limitBytes / 1024 ** 2);
    pipe.destroy(
      new GatewayError('body_too_large', `The file is larger than ${megabytes} MB (headrace.batches.max_file_mb).`, { param: 'file' }),
    );
    // the rest of the form is read and dropped, so that the client gets to read the answer
    file.resume();
  });
  pipe.on('error', () => undefined);
  file.pipe(pipe);
  return pipe;
}

function broken(cause: unknown): GatewayError {
  return cause instanceof GatewayError
    ? cause
    : new GatewayError('invalid_request', 'The multipart body is broken or ends in the middle.', { cause });
}
