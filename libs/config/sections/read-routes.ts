import { ROUTE_GROUPS } from '#contracts';
import type { AccessSettings } from '../settings/access-settings.ts';
import { closestKey } from '../keys/closest-key.ts';
import { placeText, type Reading } from '../reading.ts';
import type { SourceNode } from '../source/source-node.ts';
import { readTextList } from '../values.ts';
import type { Fields } from './read-section.ts';

/** LiteLLM's name for the routes that need no key anyway, with those of them that exist here. */
const ALWAYS_PUBLIC = 'LiteLLMRoutes.public_routes';
const PUBLIC_ROUTES = ['/', '/health/liveliness', '/health/liveness', '/health/readiness', '/docs*', '/openapi.json', '/metrics'];

/** Reads `allowed_routes`, `public_routes` and `admin_only_routes`. */
export function readRoutes(general: Fields, reading: Reading): Pick<AccessSettings, 'allowedRoutes' | 'publicRoutes' | 'adminOnlyRoutes'> {
  const allowed = general.get('allowed_routes');
  const allowedRoutes = readList(allowed, reading);
  if (allowed?.kind === 'list' && allowed.items().length === 0) {
    reading.problem(allowed, 'names no route: every request would be refused', { suggestion: 'remove it to offer all routes' });
  }
  const adminOnlyRoutes = readList(general.get('admin_only_routes'), reading) ?? [];
  const publicRoutes = readPublic(general.get('public_routes'), adminOnlyRoutes, reading);
  return { allowedRoutes: allowedRoutes && expanded(allowedRoutes), publicRoutes, adminOnlyRoutes: expanded(adminOnlyRoutes) };
}

/** Whoever can reach the gateway may call these: said at every start. */
function readPublic(node: SourceNode | undefined, adminOnly: readonly string[], reading: Reading): readonly string[] {
  const routes = (readList(node, reading) ?? []).filter((route) => route !== ALWAYS_PUBLIC);
  if (node === undefined) return routes;
  for (const route of routes) {
    if (adminOnly.includes(route)) {
      reading.problem(node, `"${route}" is in admin_only_routes too`, { suggestion: 'take it out of one of the two lists' });
    }
    const line = `${placeText(node)}: general_settings.public_routes: ${route} is answered without a key, to whoever can reach this gateway, and `;
    reading.warn(`public ${route}`, `${line}model calls are paid by you. Routes that manage or report always need a key`);
  }
  return routes;
}

function expanded(routes: readonly string[]): readonly string[] {
  return routes.flatMap((route) => (route === ALWAYS_PUBLIC ? PUBLIC_ROUTES : [route]));
}

/** Paths, beginnings of paths, and groups by their names, also in LiteLLM's spelling `LiteLLMRoutes.openai_routes`. */
function readList(node: SourceNode | undefined, reading: Reading): readonly string[] | undefined {
  const texts = readTextList(node, reading);
  return node === undefined ? undefined : texts?.flatMap((text) => readRoute(text, node, reading) ?? []);
}

function readRoute(text: string, node: SourceNode, reading: Reading): string | undefined {
  if (text.startsWith('/') || text === '*' || text === ALWAYS_PUBLIC) return text;
  const group = text.replace(/^LiteLLMRoutes\./, '');
  if (ROUTE_GROUPS.includes(group)) return group;
  const near = closestKey(group, ROUTE_GROUPS);
  const suggestion =
    near === undefined
      ? `write a path like /v1/embeddings or /v1/files/*, or one of ${ROUTE_GROUPS.join(', ')}`
      : `did you mean "${near}"?`;
  reading.problem(node, `"${text.slice(0, 60)}" is neither a path nor a group of routes`, { suggestion });
  return undefined;
}
