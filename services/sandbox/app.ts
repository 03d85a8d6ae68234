import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { chatCompletions, type ChatCompletionsDeps } from './chat-completions.ts';
import { createMeter, type Meter } from './meter.ts';
import { LISTED_MODELS, modelInstructions } from './models.ts';
import { OpenAiError } from './openai-error.ts';
import type { Behaviour } from './resolve-instructions.ts';
import { sendError } from './send-error.ts';
import { createSessions } from './sessions.ts';
import { isOperation, serveOperation } from './operations/serve-operation.ts';
import { createTicker } from './ticker.ts';

export interface SandboxOptions {
  /** What every call does unless it says otherwise itself. */
  readonly behaviour?: Behaviour;
  /** Unknown models echo instead of being refused with 404. */
  readonly anyModel?: boolean;
  /** Default 64 MiB. */
  readonly maxBodyBytes?: number;
}

export interface Sandbox {
  /** Not listening yet. */
  readonly server: Server;
  readonly meter: Meter;
  /** Stops at once: streams in flight are cut. */
  close(): Promise<void>;
}

/**
 * An OpenAI-speaking model server with scripted answers, failures and an exact meter.
 *
 * `POST /v1/chat/completions`, `/v1/embeddings`, `/v1/images/{generations,edits}`, `/v1/audio/{speech,transcriptions,translations}`,
 * `/v1/moderations`, `/v1/rerank` · `GET /v1/models[/{id}]` · `GET /meter` · `GET /meter/records?limit=` · `POST /meter/reset` ·
 * `GET /health/liveliness`. Takes any key or none.
 */
export function createSandbox(options: SandboxOptions = {}): Sandbox {
  const prefix = randomBytes(4).toString('hex');
  const idOf = (number: number) => `${prefix}${number.toString(36).padStart(6, '0')}`;
  const now = () => performance.now();
  const ticker = createTicker(now);
  const meter = createMeter({ now: Date.now, idOf });
  const deps: ChatCompletionsDeps = {
    meter,
    ticker,
    now,
    idOf,
    unixMs: Date.now,
    sessions: createSessions(),
    behaviour: options.behaviour,
    anyModel: options.anyModel ?? false,
    maxBodyBytes: options.maxBodyBytes ?? 64 * 1024 * 1024,
  };
  let requests = 0;
  // No keep-alive timeout: a gateway's pooled connection must not be closed under a request that is on its way.
  const server = createServer({ keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 60_000 }, (req, res) => {
    requests += 1;
    res.sendDate = false;
    if (req.url === '/v1/chat/completions' && req.method === 'POST') return chatCompletions(requests, req, res, deps);
    if (isOperation(req.url) && req.method === 'POST') return void serveOperation(requests, req, res, deps);
    answerSmallRoute(req, res, { id: idOf(requests), meter });
  });
  return {
    server,
    meter,
    close: () => {
      ticker.stop();
      const { promise, resolve } = Promise.withResolvers<void>();
      server.close(() => resolve());
      server.closeAllConnections();
      return promise;
    },
  };
}

interface SmallRouteContext {
  readonly id: string;
  readonly meter: Meter;
}

type Route = (meter: Meter, query: URLSearchParams) => unknown;

const ROUTES: Readonly<Record<string, Readonly<Record<string, Route>>>> = {
  '/v1/chat/completions': { POST: () => undefined },
  '/v1/models': { GET: () => ({ object: 'list', data: LISTED_MODELS.map(modelCard) }) },
  '/health/liveliness': { GET: () => ({ status: 'ok' }) },
  '/health/readiness': { GET: () => ({ status: 'ok' }) },
  '/meter': { GET: (meter) => meter.read() },
  '/meter/records': { GET: (meter, query) => ({ records: meter.records(limitOf(query)) }) },
  '/meter/reset': { POST: (meter) => (meter.reset(), { reset: true }) },
};

function answerSmallRoute(req: IncomingMessage, res: ServerResponse, { id, meter }: SmallRouteContext): void {
  req.resume();
  try {
    const { pathname, searchParams } = new URL(req.url ?? '/', 'http://sandbox');
    const body = Buffer.from(JSON.stringify(routeOf(req.method ?? 'GET', pathname)(meter, searchParams)));
    res.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length, 'x-request-id': id }).end(body);
  } catch (error) {
    if (error instanceof OpenAiError) sendError(res, id, error);
    else sendError(res, id, new OpenAiError(400, 'The address is not valid.'));
  }
}

function routeOf(method: string, path: string): Route {
  const model = /^\/v1\/models\/([^/]+)$/.exec(path)?.[1];
  const known = isOperation(path) ? ROUTES['/v1/chat/completions'] : ROUTES[path];
  const methods = model === undefined ? known : { GET: () => findModel(decodeURIComponent(model)) };
  if (methods === undefined) throw new OpenAiError(404, `There is no ${path} here.`, { code: null });
  const route = methods[method];
  if (route === undefined) throw new OpenAiError(405, `${path} takes ${Object.keys(methods).join(', ')}, not ${method}.`);
  return route;
}

function findModel(id: string): unknown {
  if (modelInstructions(id) === undefined && !LISTED_MODELS.some((model) => model === id))
    throw new OpenAiError(404, `The model '${id}' does not exist.`, { param: 'model' });
  return modelCard(id);
}

function modelCard(id: string): unknown {
  return { id, object: 'model', created: 1_750_000_000, owned_by: 'headrace-sandbox' };
}

function limitOf(query: URLSearchParams): number {
  const limit = Number(query.get('limit') ?? 1_000);
  if (!Number.isInteger(limit) || limit < 0) throw new OpenAiError(400, 'limit must be a whole number.', { param: 'limit' });
  return limit;
}
