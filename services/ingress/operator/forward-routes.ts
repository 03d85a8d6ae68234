import type { IncomingHttpHeaders } from 'node:http';
import replyFrom from '@fastify/reply-from';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { asGatewayError, type ClientDialect, GatewayError } from '#contracts';
import { encodeClientError } from '#dialects';

export interface ForwardedRoutes {
  /** Where the service is; undefined where it is not part of this installation. */
  readonly url: string | undefined;
  /** For the message while it is away: `admin`. */
  readonly service: string;
  /** First segments of paths: everything below goes there. */
  readonly prefixes: readonly string[];
  /** Whole paths that stand below none of these. */
  readonly paths: readonly string[];
  /** How long it may be silent. */
  readonly timeoutMs: number;
  /** The service manages the gateway. */
  readonly isManagement?: boolean | undefined;
  /** Where a key may come in a header of the installation's own: the service is given it in one that it knows. */
  readonly keyHeader?: string | undefined;
  /** In whose words an error of the forwarding itself is told; OpenAI's unless given. */
  readonly dialectOf?: ((request: FastifyRequest) => ClientDialect) | undefined;
}

/** Forwards requests to another service as they came, bodies unread; it authenticates them itself. */
export async function forwardRoutes(parent: FastifyInstance, routes: ForwardedRoutes): Promise<void> {
  await parent.register((app) => registerForwarding(app, routes));
}

async function registerForwarding(app: FastifyInstance, routes: ForwardedRoutes): Promise<void> {
  const { url, timeoutMs, prefixes, paths } = routes;
  // bodies are not read here but passed on as they come
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
  if (url) await app.register(replyFrom, { base: url, http: { requestOptions: { timeout: timeoutMs } } });
  const forward = (request: FastifyRequest, reply: FastifyReply) => {
    if (!url) throw unavailable(routes, undefined);
    return sendOn(request, reply, routes);
  };
  const options = { config: { isManagement: routes.isManagement } };
  for (const prefix of prefixes) app.all(`/${prefix}/*`, options, forward);
  for (const path of paths) app.all(path, options, forward);
}

/** Throws `invalid_request` for addresses that the proxy does not pass on: dots that leave the path, broken escapes. */
function sendOn(request: FastifyRequest, reply: FastifyReply, routes: ForwardedRoutes): FastifyReply {
  try {
    return reply.from(request.raw.url ?? '/', {
      rewriteRequestHeaders: (_request, headers) => ({ ...withKnownKey(headers, routes.keyHeader), ...clientsAddress(request) }),
      rewriteHeaders: endToEndHeaders,
      onError: (failed, { error }) => {
        const dialect = routes.dialectOf?.(request) ?? 'openai-chat';
        const answer = encodeClientError(dialect, asGatewayError(unavailable(routes, error)));
        void failed.code(answer.status).headers(answer.headers).send(answer.body);
      },
    });
  } catch (error) {
    throw new GatewayError('invalid_request', 'The address is not valid.', { cause: error });
  }
}

/** For answers that tell the client an address. */
function clientsAddress({ headers, host, protocol }: FastifyRequest): Record<string, string> {
  const proto = headers['x-forwarded-proto'];
  const address = headers['x-forwarded-host'];
  return {
    'x-forwarded-host': typeof address === 'string' ? address : host,
    'x-forwarded-proto': typeof proto === 'string' ? proto : protocol,
  };
}

/** LiteLLM's own header goes before all others. The installation's is taken away: a batch keeps headers that begin as it may. */
function withKnownKey(headers: IncomingHttpHeaders, keyHeader: string | undefined): IncomingHttpHeaders {
  if (keyHeader === undefined) return headers;
  const { [keyHeader]: key, ...others } = headers;
  return typeof key === 'string' && key !== '' ? { ...others, 'x-litellm-api-key': key } : others;
}

/** What the service says of its own connection to us is not for the client's: one that asked to close would be kept open. */
function endToEndHeaders(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name !== 'connection' && name !== 'keep-alive'));
}

function unavailable({ service }: ForwardedRoutes, cause: unknown): GatewayError {
  return new GatewayError('service_unavailable', `The ${service} service is not available. Model routes keep working.`, {
    cause,
    retryAfterMs: 2_000,
  });
}
