import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { GatewayError } from '#contracts';
import { cancelBatch, createBatch, deleteBatch, findBatch, findFile, listBatches, type StoredBatch } from '#db';
import { visibleOwner } from '../auth/authenticate.ts';
import { callerOf } from '../auth/guard.ts';
import { removeFile, writeFile } from '../files/write-file.ts';
import { lineHeaders, MAX_SPEND_HEADER, readMaxSpend, readWindow, WINDOW_HEADER } from '../line-headers.ts';
import { parseFields } from '../parse-fields.ts';
import type { BatchesResources } from '../resources.ts';
import { messageBatchView } from './message-batch-view.ts';
import { toInputLines } from './to-input-lines.ts';

const listQuery = z.object({
  limit: z.coerce.number().int().min(1).max(1_000).default(20),
  after_id: z.string().optional(),
  before_id: z.string().optional(),
});

/** Anthropic's Message Batches API (https://docs.claude.com/en/api/creating-message-batches), over every provider. */
export function registerMessageBatchRoutes(app: FastifyInstance, resources: BatchesResources): void {
  const found = (request: FastifyRequest) => requireBatch(request, resources);
  for (const base of ['/v1/messages/batches', '/anthropic/v1/messages/batches']) {
    app.post(base, (request) => create(request, resources));
    app.get(base, (request) => list(request, resources));
    app.get(`${base}/:id`, async (request) => messageBatchView(await found(request), publicBase(request)));
    app.get(`${base}/:id/results`, async (request, reply) => sendResults(await found(request), reply, resources));
    app.post(`${base}/:id/cancel`, async (request) => {
      const { id } = await found(request);
      const cancelled = await cancelBatch(resources.db, id);
      resources.wake();
      if (cancelled === undefined) throw notFound(id);
      return messageBatchView(cancelled, publicBase(request));
    });
    app.delete(`${base}/:id`, async (request) => remove(await found(request), resources));
  }
}

async function create(request: FastifyRequest, resources: BatchesResources) {
  const { owner } = callerOf(request);
  const window = String(request.headers[WINDOW_HEADER] ?? '24h');
  const windowMs = readWindow(window, WINDOW_HEADER);
  const maxUsd = readMaxSpend(request.headers[MAX_SPEND_HEADER], MAX_SPEND_HEADER);
  const id = resources.newId('msgbatch_');
  const input = await writeFile(
    {
      file: { id: resources.newId('file-'), owner, filename: `${id}.jsonl`, purpose: 'message_batch' },
      chunks: toInputLines(request.raw, resources.limits),
      finish: () => ({ expiresAt: new Date(resources.now() + resources.limits.outputTtlMs + windowMs) }),
    },
    resources,
  );
  const batch = await createBatch(resources.db, {
    id,
    owner,
    format: 'message-batch',
    endpoint: '/v1/messages',
    inputFileId: input.id,
    completionWindow: window,
    maxUsd,
    headers: lineHeaders(request.headers, resources.access),
    expiresAt: new Date(resources.now() + windowMs),
  });
  resources.wake();
  return messageBatchView(batch, publicBase(request));
}

async function list(request: FastifyRequest, { db }: BatchesResources) {
  const { limit, after_id: after, before_id: before } = parseFields(listQuery, request.query);
  const found = await listBatches(db, ownerOf(request), { limit: limit + 1, after, before });
  const page = before === undefined ? found.slice(0, limit) : found.slice(-limit);
  const data = page.map((batch) => messageBatchView(batch, publicBase(request)));
  return { data, has_more: found.length > limit, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null };
}

async function sendResults({ id, outputFileId }: StoredBatch, reply: FastifyReply, { db, store }: BatchesResources) {
  const file = outputFileId === null ? undefined : await findFile(db, outputFileId, undefined);
  if (file === undefined) {
    throw new GatewayError(
      'batch_not_found',
      `The batch ${id} has no results yet, or they have expired. They are there once it has ended.`,
    );
  }
  void reply.header('content-type', 'application/x-jsonl').header('content-length', file.sizeBytes);
  return reply.send(Readable.from(store.read(file.id)));
}

async function remove({ id, endedAt, inputFileId, outputFileId }: StoredBatch, resources: BatchesResources) {
  if (endedAt === null) throw new GatewayError('invalid_request', `The batch ${id} still runs. Cancel it, then delete it.`);
  for (const file of [inputFileId, outputFileId]) if (file !== null) await removeFile(file, resources);
  await deleteBatch(resources.db, id);
  return { id, type: 'message_batch_deleted' };
}

async function requireBatch(request: FastifyRequest, { db }: BatchesResources): Promise<StoredBatch> {
  const { id } = request.params as { readonly id: string };
  const batch = await findBatch(db, id, ownerOf(request));
  if (batch === undefined) throw notFound(id);
  return batch;
}

const ownerOf = (request: FastifyRequest) => ({ owner: visibleOwner(callerOf(request)), format: 'message-batch' }) as const;

/** As the client addressed the ingress, which says so. */
function publicBase({ headers, protocol, host }: FastifyRequest): string {
  const forwarded = headers['x-forwarded-host'];
  const scheme = headers['x-forwarded-proto'];
  return `${typeof scheme === 'string' ? scheme : protocol}://${typeof forwarded === 'string' ? forwarded : host}`;
}

function notFound(id: string): GatewayError {
  return new GatewayError('batch_not_found', `There is no message batch ${id.slice(0, 80)} here.`, { param: 'id' });
}
