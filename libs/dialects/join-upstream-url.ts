/**
 * The address of a dialect's path below a base as people write them: with or without a trailing slash, with the version
 * segment the path begins with (`https://api.anthropic.com/v1` + `/v1/messages`), or with the whole path already. A query of the
 * base stays.
 */
export function joinUpstreamUrl(baseUrl: string, path: string): URL {
  const url = new URL(baseUrl);
  const base = url.pathname.replace(/\/+$/, '');
  if (base.endsWith(path)) {
    url.pathname = base;
    return url;
  }
  const firstSegment = /^\/v\d+(?=\/)/.exec(path)?.[0];
  const rest = firstSegment !== undefined && base.endsWith(firstSegment) ? path.slice(firstSegment.length) : path;
  url.pathname = `${base}${rest}`;
  return url;
}
