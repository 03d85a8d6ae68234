import type { RouteSpec } from './define-route.ts';

/** Makes the specs of one group of routes; `tag`: the group's title. */
export function routeSpecs(tag: string) {
  const withBody =
    (method: RouteSpec['method']) =>
    (url: string, summary: string, body: RouteSpec['body'], example?: unknown): RouteSpec => ({ method, url, tag, summary, body, example });
  return {
    withBody,
    post: withBody('POST'),
    get: (url: string, summary: string, query?: RouteSpec['query']): RouteSpec => ({ method: 'GET', url, tag, summary, query }),
  };
}
