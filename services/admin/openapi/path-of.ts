/** Fastify's `/key/:key/regenerate` as OpenAPI writes it: `/key/{key}/regenerate`. */
export function pathOf(url: string): string {
  return url.replaceAll(/:(\w+)/g, '{$1}');
}

export function pathParameters(url: string): Readonly<Record<string, unknown>>[] {
  return [...url.matchAll(/:(\w+)/g)].map(([, name]) => ({ name, in: 'path', required: true, schema: { type: 'string' } }));
}
