import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';

/** What the API document says of a route. The schemas are those its handler parses with, so that the two can't differ. */
export interface RouteSpec {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** As Fastify writes it: `/key/:key/regenerate`. */
  readonly url: string;
  /** One line, as the title of the operation. */
  readonly summary: string;
  /** The group it is shown in; the first segment of its path unless given. */
  readonly tag?: string | undefined;
  readonly description?: string | undefined;
  readonly body?: z.ZodType | undefined;
  readonly query?: z.ZodType | undefined;
  /** A body that works as it is. */
  readonly example?: unknown;
  /** An answer: a schema, or just an example of one. */
  readonly reply?: z.ZodType | undefined;
  readonly replyExample?: unknown;
  /** Another type of answer than JSON. */
  readonly replyType?: string | undefined;
  /** Needs no key. */
  readonly isPublic?: boolean | undefined;
}

type Handler = (request: FastifyRequest, reply: FastifyReply) => unknown;

/** Registers a route together with its description. Who may call it is in `auth/route-policy.ts`. */
export function defineRoute(app: FastifyInstance, spec: RouteSpec, handler: Handler): void {
  app.route({ method: spec.method, url: spec.url, config: { api: spec }, handler: async (request, reply) => handler(request, reply) });
}
