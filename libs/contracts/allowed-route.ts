/** What a route is for, in the words of LiteLLM's route groups. */
export type RouteKind = 'llm' | 'info' | 'spend' | 'management';

/** The groups that a key's `allowed_routes` may name, with what they hold of the routes that exist here. */
const GROUPS: Readonly<Record<string, readonly RouteKind[]>> = {
  llm_api_routes: ['llm'],
  openai_routes: ['llm'],
  anthropic_routes: ['llm'],
  info_routes: ['info'],
  spend_tracking_routes: ['spend'],
  management_routes: ['info', 'spend', 'management'],
};

export const ROUTE_GROUPS: readonly string[] = Object.keys(GROUPS);

/**
 * Whether a list of routes has this address, a path with or without a query. Entries are paths (`/v1/embeddings`, with or without `/v1`),
 * beginnings of paths (`/v1/files/*`) and groups. No list, or an empty one, has all.
 */
export function isRouteAllowed(allowed: readonly string[] | undefined, url: string, kinds: readonly RouteKind[]): boolean {
  if (allowed === undefined || allowed.length === 0) return true;
  const path = pathOf(url);
  return allowed.some((entry) => GROUPS[entry]?.some((kind) => kinds.includes(kind)) ?? fits(withoutVersion(entry), path));
}

/** Whether a list, which may be empty, names this address, also where a client has escaped letters of it. */
export function namesRoute(entries: readonly string[], url: string, kinds: readonly RouteKind[]): boolean {
  return entries.length > 0 && (isRouteAllowed(entries, url, kinds) || isRouteAllowed(entries, unescaped(url), kinds));
}

function unescaped(url: string): string {
  try {
    return decodeURIComponent(url.split('?', 1)[0] ?? '');
  } catch {
    return url;
  }
}

/** What a management route is for: what only reads is information. */
export function managementKinds(method: string, path: string): readonly RouteKind[] {
  if (/^\/(?:spend|global)\//.test(path) || path.includes('/daily/activity')) return ['spend', 'management'];
  return method === 'GET' || method === 'HEAD' || path === '/key/health' ? ['info', 'management'] : ['management'];
}

function fits(entry: string, path: string): boolean {
  return entry.endsWith('*') ? path.startsWith(entry.slice(0, -1)) : entry === path;
}

function pathOf(url: string): string {
  const path = url.split('?', 1)[0] ?? '';
  return withoutVersion(path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path);
}

/** Routes are served with and without it. */
function withoutVersion(path: string): string {
  return path.startsWith('/v1/') ? path.slice(3) : path;
}
