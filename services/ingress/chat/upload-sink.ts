import { once } from 'node:events';
import { PassThrough, type Readable } from 'node:stream';
import { GatewayError, type UploadFile } from '#contracts';

export interface UploadStore {
  /** Takes the files' bytes, one file behind the other, and settles when they are stored. */
  readonly store: (files: AsyncIterable<Uint8Array>) => Promise<void>;
  /** Forgets what was stored: the form turned out to be broken behind its files. */
  readonly discard: () => Promise<void>;
  /** All files together. */
  readonly limitBytes: number;
}

interface FileFacts {
  readonly name: string;
  readonly filename: string;
  readonly contentType: string;
}

/** Enough of a file to tell what it is. */
const HEAD_BYTES = 64;

/** The files' way into the store: one after the other, however early the parser announces the next. */
export function createUploadSink(options: UploadStore, fail: (error: unknown) => void) {
  const pipe = new PassThrough();
  pipe.on('error', () => undefined);
  let storing: Promise<void> | undefined;
  let copying: Promise<void> = Promise.resolve();
  let totalBytes = 0;

  const copy = async (file: Readable, facts: FileFacts): Promise<UploadFile> => {
    let sizeBytes = 0;
    let head = Buffer.alloc(0);
    for await (const chunk of file as AsyncIterable<Buffer>) {
      sizeBytes += chunk.length;
      totalBytes += chunk.length;
      if (totalBytes > options.limitBytes) throw tooLarge(options.limitBytes);
      if (head.length < HEAD_BYTES) head = Buffer.concat([head, chunk.subarray(0, HEAD_BYTES - head.length)]);
      if (!pipe.write(chunk)) await once(pipe, 'drain');
    }
    return { ...facts, sizeBytes, head: head.toString('base64') };
  };

  return {
    add: (file: Readable, facts: FileFacts, onStored: (stored: UploadFile) => void): void => {
      // an error of the parser reaches the file that it stands in; who reads the file is told
      file.on('error', () => undefined);
      storing ??= options.store(pipe);
      storing.catch((error: unknown) => fail(unstored(error)));
      copying = copying.then(async () => {
        onStored(await copy(file, facts));
      });
      copying.catch((error: unknown) => fail(error instanceof GatewayError ? error : brokenForm(error)));
    },
    end: async (): Promise<void> => {
      await copying;
      pipe.end();
      await storing;
    },
    /** Settles when the store has cleared up. */
    abort: async (error: Error): Promise<void> => {
      pipe.destroy(error);
      if (storing === undefined) return;
      const wasStored = await storing.then(
        () => true,
        () => false,
      );
      if (wasStored) await options.discard().catch(() => undefined);
    },
  };
}

export function tooLarge(limitBytes: number): GatewayError {
  const megabytes = Math.round((limitBytes / 1024 / 1024) * 1_000) / 1_000;
  return new GatewayError(
    'body_too_large',
    `The files are larger than the ${megabytes} MB this gateway takes (general_settings.max_file_size_mb).`,
  );
}

export function brokenForm(cause: unknown): GatewayError {
  return new GatewayError('invalid_request', 'The multipart body is broken or ends in the middle.', { cause });
}

function unstored(cause: unknown): GatewayError {
  if (cause instanceof GatewayError) return cause;
  return new GatewayError('queue_unavailable', 'The upload could not be stored. Try again.', { cause, retryAfterMs: 1_000 });
}
