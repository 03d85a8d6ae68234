import { createHash, type Hash } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { encodeUploadForm, uploadFields } from '#contracts';
import { validateClientRequest } from '#dialects';
import { principalOf } from '../auth/authenticate-first.ts';
import { accessGroups, keyAlone, requireModelAccess } from '../auth/model-access.ts';
import type { IngressResources } from '../resources.ts';
import { createChatHandler, serveCall } from './chat-route.ts';
import type { ClientRoute } from './client-routes.ts';
import type { ClientCall } from './read-request.ts';
import { readUpload } from './read-upload.ts';

/** Forms reach their handler unread: the files in them are larger than what a process should hold. */
export function takeForms(scope: FastifyInstance): void {
  scope.addContentTypeParser('multipart/form-data', (_request, _payload, done) => done(null, undefined));
}

/**
 * A route that takes files: they stream into the body store, and the job names them. Where the model's name stands behind the files, all
 * of it is read before it is known who serves it. Bodies that are no form go the way of all others.
 */
export function createUploadHandler(route: ClientRoute, resources: IngressResources) {
  const handleJson = createChatHandler(route, resources);
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    if (!isForm(request)) return handleJson(request, reply);
    const uploadRef = `upload_${resources.newJobId()}`;
    const call = await readCall(route, uploadRef, request, resources);
    try {
      validateClientRequest(call.dialect, call.fields);
      await serveCall(call, request, reply, resources);
    } catch (error) {
      // no job was made of it that would clear up behind itself
      await resources.bodies.delete(uploadRef).catch(() => undefined);
      throw error;
    }
  };
}

function isForm(request: FastifyRequest): boolean {
  return /^multipart\/form-data\b/i.test(request.headers['content-type'] ?? '');
}

async function readCall(route: ClientRoute, uploadRef: string, request: FastifyRequest, resources: IngressResources): Promise<ClientCall> {
  const caller = keyAlone(principalOf(request));
  const groupsOf = accessGroups(resources.models);
  const { model: addressed } = request.params as Readonly<Record<string, string>>;
  if (addressed !== undefined) requireModelAccess(caller, addressed, groupsOf);
  const digest = isShared(request) ? createHash('sha256') : undefined;
  const form = await readUpload(request.raw, {
    store: (files) => resources.bodies.putStream(uploadRef, digest === undefined ? files : digested(files, digest)),
    discard: () => resources.bodies.delete(uploadRef),
    limitBytes: resources.config.general.maxUploadBytes,
    // a key that may not use the model is told so before it has sent its file, when the model comes first
    onField: (name, value) => {
      if (name === 'model' && addressed === undefined && value !== '') requireModelAccess(caller, value, groupsOf);
    },
  });
  const fields = uploadFields(form, addressed);
  const body = Buffer.from(encodeUploadForm(form));
  return {
    dialect: route.dialect,
    body,
    fields,
    model: String(fields['model']),
    stream: fields['stream'] === 'true',
    uploadRef,
    uploadDigest: digest?.digest('hex'),
  };
}

/** Its answer may be given to others who send the same: files are part of what must be the same. */
function isShared({ headers }: FastifyRequest): boolean {
  return ['idempotency-key', 'x-idempotency-key', 'x-headrace-single-flight'].some((name) => headers[name] !== undefined);
}

async function* digested(files: AsyncIterable<Uint8Array>, digest: Hash): AsyncGenerator<Uint8Array> {
  for await (const chunk of files) {
    digest.update(chunk);
    yield chunk;
  }
}
