import { hash } from 'node:crypto';
import { type S3Settings, resolveSecret } from '#config';
import { signAws } from '#credentials';
import { type FileStore, inPieces } from './file-store.ts';

export interface S3Options {
  readonly settings: S3Settings;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly now: () => number;
}

/** An object of several parts: S3 wants at least 5 MiB in all but the last. What is smaller is sent whole. */
const PART_BYTES = 8 * 1024 * 1024;
const TIMEOUT_MS = 120_000;
const EMPTY = Buffer.alloc(0);

interface S3Call {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  readonly key: string;
  readonly query?: string | undefined;
  readonly body?: Buffer | undefined;
  /** Bytes to read: `bytes=0-99`. */
  readonly range?: string | undefined;
  /** Statuses beside 2xx that are as good. */
  readonly allowed?: readonly number[] | undefined;
}

/** Files as objects of a bucket (https://docs.aws.amazon.com/AmazonS3/latest/API). Holds one part of 8 MB at a time while it writes. */
export function createS3Store({ settings, env, now }: S3Options): FileStore {
  const { bucket, region, endpoint, prefix } = settings;
  const base = endpoint === undefined ? `https://${bucket}.s3.${region}.amazonaws.com` : `${endpoint.replace(/\/+$/, '')}/${bucket}`;
  const credentials = {
    accessKeyId: resolveSecret(settings.accessKeyId, env) ?? '',
    secretAccessKey: resolveSecret(settings.secretAccessKey, env) ?? '',
    sessionToken: undefined,
  };
  const call = async ({ method, key, query = '', body = EMPTY, range, allowed = [] }: S3Call): Promise<Response> => {
    const url = new URL(`${base}/${prefix}${key}${query === '' ? '' : `?${query}`}`);
    const headers = { 'x-amz-content-sha256': hash('sha256', body) };
    const path = url.pathname + url.search;
    const signed = signAws({ method, host: url.host, path, headers, body }, credentials, { region, service: 's3', at: now() });
    const answer = await fetch(url, {
      method,
      headers: { ...headers, ...signed, ...(range !== undefined && { range }) },
      ...(body.length > 0 || method === 'PUT' ? { body } : {}),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (answer.ok || allowed.includes(answer.status)) return answer;
    const [, code = 'no code'] = /<Code>([^<]{1,80})<\/Code>/.exec(await answer.text()) ?? [];
    throw new Error(`the bucket answered ${method} with ${answer.status} ${code}`);
  };

  return {
    async write(id, chunks) {
      let sizeBytes = 0;
      let upload: string | undefined;
      let waiting: Buffer | undefined;
      const tags: string[] = [];
      const sendPart = async (part: Buffer): Promise<void> => {
        upload ??= tagIn(await (await call({ method: 'POST', key: id, query: 'uploads=' })).text(), 'UploadId');
        const query = `partNumber=${tags.length + 1}&uploadId=${encodeURIComponent(upload)}`;
        tags.push((await call({ method: 'PUT', key: id, query, body: part })).headers.get('etag') ?? '');
      };
      try {
        for await (const piece of inPieces(chunks, PART_BYTES)) {
          sizeBytes += piece.length;
          if (waiting !== undefined) await sendPart(waiting);
          waiting = piece;
        }
        if (upload === undefined) await call({ method: 'PUT', key: id, body: waiting ?? EMPTY });
        else {
          if (waiting !== undefined) await sendPart(waiting);
          await call({ method: 'POST', key: id, query: `uploadId=${encodeURIComponent(upload)}`, body: completion(tags) });
        }
        return sizeBytes;
      } catch (error) {
        // parts of an upload that nobody ends are paid for
        if (upload !== undefined)
          await call({ method: 'DELETE', key: id, query: `uploadId=${encodeURIComponent(upload)}` }).catch(() => undefined);
        throw error;
      }
    },
    async *read(id) {
      // a part at a time: a batch reads its input for as long as it runs, and no connection stays open for so long
      for (let from = 0; ; from += PART_BYTES) {
        const answer = await call({ method: 'GET', key: id, range: `bytes=${from}-${from + PART_BYTES - 1}`, allowed: [416] });
        const part = Buffer.from(await answer.arrayBuffer());
        if (answer.status === 416) return;
        yield part;
        if (answer.status === 200 || part.length < PART_BYTES) return;
      }
    },
    async delete(id) {
      await call({ method: 'DELETE', key: id, allowed: [404] });
    },
  };
}

function tagIn(xml: string, tag: string): string {
  const [, text] = new RegExp(`<${tag}>([^<]+)</${tag}>`).exec(xml) ?? [];
  if (text === undefined) throw new Error(`the bucket's answer has no ${tag}`);
  return text;
}

function completion(tags: readonly string[]): Buffer {
  const parts = tags.map((tag, at) => `<Part><PartNumber>${at + 1}</PartNumber><ETag>${tag}</ETag></Part>`).join('');
  return Buffer.from(`<CompleteMultipartUpload>${parts}</CompleteMultipartUpload>`);
}
