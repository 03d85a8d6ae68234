import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { GatewayError } from '#contracts';
import { cancelBatch, createBatch, findBatch, findFile, listBatches, type StoredBatch } from '#db';
import { visibleOwner } from '../auth/authenticate.ts';
import { callerOf } from '../auth/guard.ts';
import { lineHeaders, MAX_SPEND_HEADER, readMaxSpend, readWindow } from '../line-headers.ts';
import { parseFields } from '../parse-fields.ts';
import type { BatchesResources } from '../resources.ts';
import { batchView } from './batch-view.ts';

/** Routes whose requests can stand in a batch. */
export const BATCH_ENDPOINTS = [
  '/v1/chat/completions',
  '/v1/responses',
  '/v1/completions',
  '/v1/embeddings',
  '/v1/moderations',
  '/v1/images/generations',
  '/v1/messages',
  '/v1/rerank',
] as const;

const MOST_METADATA = 16;
const createFields = z.object({
  input_file_id: z.string(),
  endpoint: z.enum(BATCH_ENDPOINTS, { error: `must be one of ${BATCH_ENDPOINTS.join(', ')}` }),
  completion_window: z.string().default('24h'),
  metadata: z
    .record(z.string().max(64), z.string().max(512))
    .refine((value) => Object.keys(value).length <= MOST_METADATA, `at most ${MOST_METADATA} pairs`)
    .nullish(),
  output_expires_after: z.object({ anchor: z.literal('created_at'), seconds: z.number().int().min(3_600).max(2_592_000) }).nullish(),
});
const listQuery = z.object({ limit: z.coerce.number().int().min(1).max(100).default(20), after: z.string().optional() });

/** OpenAI's Batch API (https://platform.openai.com/docs/api-reference/batch), over every provider. */
export function registerBatchRoutes(app: FastifyInstance, resources: BatchesResources): void {
  for (const base of ['/v1/batches', '/batches']) {
    app.post(base, (request) => create(request, resources));
    app.get(base, (request) => list(request, resources));
    app.get(`${base}/:id`, async (request) => batchView(await requireBatch(request, resources)));
    app.post(`${base}/:id/cancel`, (request) => cancel(request, resources));
  }
}

async function create(request: FastifyRequest, resources: BatchesResources) {
  const { owner, ...caller } = callerOf(request);
  const fields = parseFields(createFields, request.body);
  const windowMs = readWindow(fields.completion_window, 'completion_window');
  const maxUsd = readMaxSpend(request.headers[MAX_SPEND_HEADER] ?? fields.metadata?.['max_spend_usd'], 'max_spend_usd');
  const input = await findFile(resources.db, fields.input_file_id, visibleOwner({ owner, ...caller }));
  if (input === undefined) {
    throw new GatewayError('file_not_found', `There is no file ${fields.input_file_id.slice(0, 80)} here.`, {
      param: 'input_file_id',
      status: 400,
    });
  }
  if (input.purpose !== 'batch') {
    throw new GatewayError('invalid_request', 'The input file must have been uploaded with purpose batch.', { param: 'input_file_id' });
  }
  const batch = await createBatch(resources.db, {
    id: resources.newId('batch_'),
    owner,
    format: 'openai-batch',
    endpoint: fields.endpoint,
    inputFileId: input.id,
    completionWindow: fields.completion_window,
    outputSeconds: fields.output_expires_after?.seconds ?? null,
    metadata: fields.metadata ?? null,
    maxUsd,
    headers: lineHeaders(request.headers, resources.access),
    expiresAt: new Date(resources.now() + windowMs),
  });
  resources.wake();
  return batchView(batch);
}

async function list(request: FastifyRequest, { db }: BatchesResources) {
  const { limit, after } = parseFields(listQuery, request.query);
  const found = await listBatches(db, { owner: visibleOwner(callerOf(request)), format: 'openai-batch' }, { limit: limit + 1, after });
  const data = found.slice(0, limit).map(batchView);
  return { object: 'list', data, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null, has_more: found.length > limit };
}

async function cancel(request: FastifyRequest, resources: BatchesResources) {
  const { id, state } = await requireBatch(request, resources);
  const cancelled = await cancelBatch(resources.db, id);
  resources.wake();
  if (cancelled === undefined) throw notFound(id);
  if (['cancelling', 'cancelled'].includes(cancelled.state)) return batchView(cancelled);
  throw new GatewayError('conflict', `The batch is ${state}: only one that runs can be cancelled.`);
}

async function requireBatch(request: FastifyRequest, { db }: BatchesResources): Promise<StoredBatch> {
  const { id } = request.params as { readonly id: string };
  const batch = await findBatch(db, id, { owner: visibleOwner(callerOf(request)), format: 'openai-batch' });
  if (batch === undefined) throw notFound(id);
  return batch;
}

function notFound(id: string): GatewayError {
  return new GatewayError('batch_not_found', `There is no batch ${id.slice(0, 80)} here.`, { param: 'id' });
}
