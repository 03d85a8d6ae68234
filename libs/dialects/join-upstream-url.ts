/**
 * The address of a dialect's path below a base as people write them: with or without a trailing slash, with the segments the path
 * begins with (`https://api.anthropic.com/v1` + `/v1/messages`), or with the whole path already. A query of the base stays; one of the
 * path is added to it.
 */
export function joinUpstreamUrl(baseUrl: string, path: string): URL {
  const [pathname = '', query] = splitOnce(path, '?');
  const url = new URL(baseUrl);
  const base = url.pathname.replace(/\/+$/, '');
  url.pathname = base + pathname.slice(overlap(base, pathname));
  if (query !== undefined) url.search = url.search === '' ? query : `${url.search}&${query}`;
  return url;
}

function splitOnce(text: string, mark: string): readonly string[] {
  const at = text.indexOf(mark);
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

/** Length of the longest run of whole segments that ends the base and begins the path. */
function overlap(base: string, path: string): number {
  for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1)) {
    if (base.endsWith(path.slice(0, end))) return end;
  }
  return 0;
}
