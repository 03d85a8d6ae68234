/** A parameter of the path, as Fastify has it: decoded, and never absent on a route that names it. */
export function pathParam(params: unknown, name: string): string {
  const value: unknown =
    typeof params === 'object' && params !== null ? Object.entries(params).find(([key]) => key === name)?.[1] : undefined;
  return typeof value === 'string' ? value : '';
}
