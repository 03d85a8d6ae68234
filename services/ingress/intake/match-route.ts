import { GatewayError } from '#contracts';
import { CLIENT_ROUTES, type ClientRoute } from '../chat/client-routes.ts';
import type { AddressFacts } from '../chat/read-request.ts';

export interface MatchedRoute {
  readonly route: ClientRoute;
  readonly address: AddressFacts;
}

interface Pattern {
  readonly route: ClientRoute;
  readonly pattern: RegExp;
}

const EXACT = new Map(CLIENT_ROUTES.flatMap((route) => route.paths.map((path) => [path, route] as const)));
const PATTERNS: readonly Pattern[] = CLIENT_ROUTES.flatMap((route) =>
  route.paths.filter((path) => /[:*]/.test(path)).map((path) => ({ route, pattern: toPattern(path) })),
);

/** The model route that a submission names, as an HTTP client would call it; a query may stand behind it. Throws `route_not_found`. */
export function matchRoute(named: string): MatchedRoute {
  const [path = '', query = ''] = named.split('?', 2);
  const exact = EXACT.get(path);
  if (exact !== undefined) return { route: exact, address: exact.readAddress?.({}, {}) ?? {} };
  for (const { route, pattern } of PATTERNS) {
    const found = pattern.exec(path)?.groups;
    if (found === undefined) continue;
    const { rest, ...names } = found;
    const params = { ...names, ...(rest === undefined ? {} : { '*': rest }) };
    const asked = Object.fromEntries(new URLSearchParams(query));
    return { route, address: route.readAddress?.(params, asked) ?? { model: found['model'] } };
  }
  throw new GatewayError('route_not_found', `There is no model route ${path}: it is named in the header Headrace-Route.`);
}

/** Fastify's patterns: `:name` is one part of a path, `*` the rest of it. */
function toPattern(path: string): RegExp {
  const parts = path.split('/').map((part) => {
    if (part === '*') return '(?<rest>.+)';
    return part.startsWith(':') ? `(?<${part.slice(1)}>[^/]+)` : part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&');
  });
  return new RegExp(`^${parts.join('/')}$`);
}
