import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { AwsV4Signer } from 'aws4fetch';

export interface TestBucket {
  readonly url: string;
  readonly objects: ReadonlyMap<string, Buffer>;
  /** Requests whose signature was not that of the key. */
  readonly unsigned: readonly string[];
  /** Uploads that were begun and neither completed nor given up. */
  readonly open: ReadonlySet<string>;
  close(): void;
}

const REGION = 'eu-test-1';
export const BUCKET_KEY = { accessKeyId: 'AKID', secretAccessKey: 'bucket-secret', region: REGION };

/** As much of S3's protocol as keeping files takes; signatures are checked by another implementation than ours. */
export async function startBucket(): Promise<TestBucket> {
  const objects = new Map<string, Buffer>();
  const uploads = new Map<string, Map<number, Buffer>>();
  const unsigned: string[] = [];
  const open = new Set<string>();
  const serve = (
    method: string,
    url: URL,
    body: Buffer,
    range: string | undefined,
  ): { status: number; body?: Buffer | string; etag?: string } => {
    const upload = url.searchParams.get('uploadId');
    const parts = uploads.get(upload ?? '');
    if (method === 'POST' && url.searchParams.has('uploads')) {
      const id = `up/${uploads.size}`;
      uploads.set(id, new Map());
      open.add(id);
      return { status: 200, body: `<R><UploadId>${id}</UploadId></R>` };
    }
    if (upload !== null && parts !== undefined) {
      if (method === 'PUT') {
        parts.set(Number(url.searchParams.get('partNumber')), body);
        return { status: 200, etag: `"${parts.size}"` };
      }
      open.delete(upload);
      if (method === 'POST')
        objects.set(url.pathname, Buffer.concat([...parts.entries()].toSorted(([a], [b]) => a - b).map(([, part]) => part)));
      return { status: 200 };
    }
    if (method === 'PUT') objects.set(url.pathname, body);
    if (method === 'DELETE') objects.delete(url.pathname);
    if (method !== 'GET') return { status: 200 };
    const [, from = '0', to = ''] = /bytes=(\d+)-(\d+)/.exec(range ?? '') ?? [];
    const object = objects.get(url.pathname);
    if (object === undefined) return { status: 404, body: '<Error><Code>NoSuchKey</Code></Error>' };
    if (Number(from) >= object.length) return { status: 416, body: '<Error><Code>InvalidRange</Code></Error>' };
    return { status: 206, body: object.subarray(Number(from), Number(to) + 1) };
  };
  const server = http.createServer((request, response) => void handle(request, response));
  const handle = async (request: http.IncomingMessage, response: http.ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const url = new URL(request.url ?? '/', `http://${request.headers.host}`);
    if ((await signatureOf(request, url)) !== request.headers.authorization) unsigned.push(`${request.method} ${request.url}`);
    const { status, body, etag } = serve(request.method ?? '', url, Buffer.concat(chunks), request.headers.range);
    response.writeHead(status, etag === undefined ? {} : { etag }).end(body);
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, objects, unsigned, open, close: () => void server.close() };
}

async function signatureOf({ method, headers }: http.IncomingMessage, url: URL): Promise<string | null> {
  const signer = new AwsV4Signer({
    ...BUCKET_KEY,
    method: method ?? 'GET',
    url: url.href,
    headers: { 'x-amz-content-sha256': String(headers['x-amz-content-sha256']) },
    datetime: String(headers['x-amz-date']),
    service: 's3',
  });
  return (await signer.sign()).headers.get('authorization');
}
