import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { GatewayError } from '#contracts';
import { findFile, listFiles, type StoredFile } from '#db';
import { visibleOwner } from '../auth/authenticate.ts';
import { callerOf } from '../auth/guard.ts';
import { parseFields } from '../parse-fields.ts';
import type { BatchesResources } from '../resources.ts';
import { fileView } from './file-view.ts';
import { readForm } from './read-form.ts';
import { removeFile, writeFile } from './write-file.ts';

/** Purposes that clients give; `batch_output` is ours. */
const PURPOSES = ['batch', 'assistants', 'fine-tune', 'vision', 'user_data', 'evals'] as const;
const DAY_S = 86_400;

const formFields = z.object({
  purpose: z.enum(PURPOSES, { error: `must be one of ${PURPOSES.join(', ')}` }),
  'expires_after[anchor]': z.literal('created_at').optional(),
  'expires_after[seconds]': z.coerce
    .number()
    .int()
    .min(3_600)
    .max(30 * DAY_S)
    .optional(),
});

const listQuery = z.object({
  purpose: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(10_000).default(10_000),
  order: z.enum(['asc', 'desc']).default('desc'),
  after: z.string().optional(),
});

/** OpenAI's Files API (https://platform.openai.com/docs/api-reference/files), for the key whose files they are. */
export function registerFileRoutes(app: FastifyInstance, resources: BatchesResources): void {
  for (const base of ['/v1/files', '/files']) {
    app.post(base, (request) => upload(request, resources));
    app.get(base, (request) => list(request, resources));
    app.get(`${base}/:id`, async (request) => fileView(await requireFile(request, resources)));
    app.delete(`${base}/:id`, async (request) => {
      const { id } = await requireFile(request, resources);
      await removeFile(id, resources);
      return { id, object: 'file', deleted: true };
    });
    app.get(`${base}/:id/content`, async (request, reply) => {
      const file = await requireFile(request, resources);
      void reply.header('content-type', 'application/octet-stream').header('content-length', file.sizeBytes);
      return reply.send(Readable.from(resources.store.read(file.id)));
    });
  }
}

async function upload(request: FastifyRequest, resources: BatchesResources) {
  const { owner } = callerOf(request);
  const form = await readForm(request.raw, { limitBytes: resources.limits.maxFileBytes });
  // a purpose that stands before the file is refused before it is read
  if (form.fields.has('purpose')) parseFields(formFields.pick({ purpose: true }), { purpose: form.fields.get('purpose') });
  async function* wholeForm() {
    yield* form.file.chunks;
    await form.finished;
  }
  const stored = await writeFile(
    {
      file: { id: resources.newId('file-'), owner, filename: form.file.filename, purpose: '' },
      chunks: wholeForm(),
      finish: () => {
        const fields = parseFields(formFields, Object.fromEntries(form.fields));
        const lifeS = fields['expires_after[seconds]'] ?? (fields.purpose === 'batch' ? 30 * DAY_S : undefined);
        return { purpose: fields.purpose, expiresAt: lifeS === undefined ? null : new Date(resources.now() + lifeS * 1_000) };
      },
    },
    resources,
  );
  return fileView(stored);
}

async function list(request: FastifyRequest, { db }: BatchesResources) {
  const { limit, purpose, after, order } = parseFields(listQuery, request.query);
  const owner = visibleOwner(callerOf(request));
  const found = await listFiles(db, { owner, purpose, after, oldestFirst: order === 'asc', limit: limit + 1 });
  const data = found.slice(0, limit).map(fileView);
  return { object: 'list', data, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null, has_more: found.length > limit };
}

async function requireFile(request: FastifyRequest, { db }: BatchesResources): Promise<StoredFile> {
  const { id } = request.params as { readonly id: string };
  const file = await findFile(db, id, visibleOwner(callerOf(request)));
  if (file !== undefined) return file;
  throw new GatewayError('file_not_found', `There is no file ${id.slice(0, 80)} here.`, { param: 'id' });
}
