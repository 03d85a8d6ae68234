import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Busboy, type BusboyInstance } from '@fastify/busboy';
import { asGatewayError, GatewayError, type UploadForm, type UploadPart } from '#contracts';
import { brokenForm, createUploadSink, tooLarge, type UploadStore } from './upload-sink.ts';

export interface UploadOptions extends UploadStore {
  /** Told each field as it comes; may throw a `GatewayError`. */
  readonly onField: (name: string, value: string) => void;
}

const MOST_FIELDS = 200;
/** OpenAI takes 16 pictures and a mask. */
const MOST_FILES = 32;
const FIELD_BYTES = 1024 * 1024;
/** All fields together; they are held and travel with the job. */
const FIELDS_BYTES = 2 * 1024 * 1024;

/**
 * Reads a multipart form (RFC 7578) as it arrives: fields are kept, files pass through into the store at the speed it takes them.
 * Throws `GatewayError`: `invalid_request` for a form that is broken or cut, `body_too_large`, `client_gone`, `queue_unavailable`
 * when the store fails. Then nothing is left in the store, and the rest of the request is unread.
 */
export async function readUpload(request: IncomingMessage, options: UploadOptions): Promise<UploadForm> {
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > options.limitBytes + FIELDS_BYTES + FIELD_BYTES) throw tooLarge(options.limitBytes);
  const trouble = Promise.withResolvers<never>();
  trouble.promise.catch(() => undefined);
  const parser = openParser(request);
  const sink = createUploadSink(options, trouble.reject);
  const parts: UploadPart[] = [];
  collectFields(parser, parts, options, trouble.reject);
  parser.on('file', (name, file, filename, _encoding, contentType) => {
    const at = parts.push({ name: name ?? '', value: '' }) - 1;
    sink.add(file, { name: name ?? '', filename: filename ?? '', contentType }, (stored) => (parts[at] = stored));
  });
  const onClose = (): void => {
    if (!request.complete) trouble.reject(new GatewayError('client_gone', 'The client closed the connection.'));
  };
  request.once('close', onClose).once('error', onClose);
  const finished = once(parser, 'finish');
  finished.catch(() => undefined);
  request.pipe(parser);
  try {
    await Promise.race([finished, trouble.promise]);
    await Promise.race([sink.end(), trouble.promise]);
    return { parts };
  } catch (error) {
    request.unpipe(parser);
    parser.destroy();
    const failure = asGatewayError(error);
    await sink.abort(failure);
    throw failure;
  } finally {
    request.off('close', onClose);
  }
}

function openParser(request: IncomingMessage): BusboyInstance {
  const contentType = request.headers['content-type'] ?? '';
  try {
    return new Busboy({
      headers: { ...request.headers, 'content-type': contentType },
      limits: { fields: MOST_FIELDS, files: MOST_FILES, parts: MOST_FIELDS + MOST_FILES, fieldSize: FIELD_BYTES, headerPairs: 32 },
    });
  } catch (error) {
    throw new GatewayError('invalid_request', 'The multipart body has no boundary in its content-type.', { cause: error });
  }
}

function collectFields(parser: BusboyInstance, parts: UploadPart[], options: UploadOptions, fail: (error: unknown) => void): void {
  let bytes = 0;
  parser.on('field', (name, value, nameTruncated, valueTruncated) => {
    bytes += Buffer.byteLength(value);
    if (nameTruncated || valueTruncated || bytes > FIELDS_BYTES)
      return fail(new GatewayError('body_too_large', `The form's field '${name}' is too long.`, { param: name }));
    parts.push({ name: name ?? '', value });
    try {
      options.onField(name, value);
    } catch (error) {
      fail(error);
    }
  });
  parser.on('error', (error) => fail(brokenForm(error)));
  for (const limit of ['partsLimit', 'filesLimit', 'fieldsLimit'] as const) {
    parser.on(limit, () => fail(new GatewayError('invalid_request', 'The multipart body has too many parts.')));
  }
}
