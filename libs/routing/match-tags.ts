import type { Deployment } from '#config';

/** Marks deployments for requests without tags, and for those whose tags nobody has. */
const DEFAULT_TAG = 'default';

/**
 * The positions of the deployments that a request with these tags may go to, in LiteLLM's rules: `!tag` keeps deployments with the tag
 * out, `&tag` requires it; of the plain ones a deployment needs any or all. Where none has them, and for requests without plain
 * tags, those tagged `default` serve; without such ones a request without tags may go anywhere. Empty: nobody may serve it.
 * https://docs.litellm.ai/docs/proxy/tag_routing
 */
export function matchTags(deployments: readonly Deployment[], tags: readonly string[], match: 'any' | 'all'): readonly number[] {
  const wanted = splitTags(tags);
  const allowed = positions(deployments, (own) => {
    return !wanted.excluded.some((tag) => own.includes(tag)) && wanted.required.every((tag) => own.includes(tag));
  });
  const tagsOf = (position: number): readonly string[] => deployments[position]?.tags ?? [];
  const defaults = allowed.filter((position) => tagsOf(position).includes(DEFAULT_TAG));
  if (wanted.plain.length > 0) {
    const has = (position: number) => (tag: string) => tagsOf(position).includes(tag);
    const matching = allowed.filter((position) => (match === 'any' ? wanted.plain.some(has(position)) : wanted.plain.every(has(position))));
    return matching.length > 0 ? matching : defaults;
  }
  if (wanted.required.length > 0) return allowed;
  const anyDefault = deployments.some((deployment) => deployment.tags?.includes(DEFAULT_TAG));
  return anyDefault ? defaults : allowed;
}

function splitTags(tags: readonly string[]) {
  const marked = (mark: string): string[] => tags.filter((tag) => tag.startsWith(mark) && tag.length > 1).map((tag) => tag.slice(1));
  return { required: marked('&'), excluded: marked('!'), plain: tags.filter((tag) => !tag.startsWith('&') && !tag.startsWith('!')) };
}

function positions(deployments: readonly Deployment[], fits: (tags: readonly string[]) => boolean): number[] {
  const found: number[] = [];
  for (const [position, { tags }] of deployments.entries()) if (fits(tags ?? [])) found.push(position);
  return found;
}
