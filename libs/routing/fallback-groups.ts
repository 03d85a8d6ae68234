import type { RouterSettings } from '#config';
import type { FallbackCause } from '#contracts';

/** A group that is tried when the one asked for has failed. */
export interface FallbackGroup {
  readonly group: string;
  /** Only for jobs that failed in this way. */
  readonly for?: FallbackCause | undefined;
  /** The client's own, with fields of its own: its place in the body's `fallbacks`. */
  readonly overrides?: number | undefined;
}

/** The settings of the router as they are for one request. */
export interface RequestRouter extends RouterSettings {
  /** The client's own `fallbacks`, in place of the configuration's general ones. */
  readonly ownFallbacks?: readonly FallbackGroup[] | undefined;
}

type Lists = RouterSettings['fallbacks'] | undefined;

/**
 * The fallbacks of a model in the order they are tried: those for a failure of one kind, then the general ones. Of each list the
 * model's own counts, else its group's, else that of `*`; the general one falls back to `default_fallbacks`.
 */
export function fallbackGroups(model: string, group: string, router: RequestRouter): readonly FallbackGroup[] {
  const listed = (lists: Lists): readonly string[] | undefined => listOf(lists, model) ?? listOf(lists, group) ?? listOf(lists, '*');
  const general = router.ownFallbacks ?? plain(listed(router.fallbacks) ?? router.defaultFallbacks);
  const forContext = listed(router.contextWindowFallbacks);
  const forContent = listed(router.contentPolicyFallbacks);
  const pick = (list: readonly FallbackGroup[]): readonly FallbackGroup[] =>
    list.filter((one) => (one.group !== model && one.group !== group) || one.overrides !== undefined).slice(0, router.maxFallbacks);
  if (forContext === undefined && forContent === undefined) return pick(general);
  return [...pick(plain(forContext ?? [], 'context_window')), ...pick(plain(forContent ?? [], 'content_policy')), ...pick(general)];
}

function listOf(lists: Lists, name: string): readonly string[] | undefined {
  return lists !== undefined && Object.hasOwn(lists, name) ? lists[name] : undefined;
}

function plain(names: readonly string[], cause?: FallbackCause): readonly FallbackGroup[] {
  return names.map((name) => (cause === undefined ? { group: name } : { group: name, for: cause }));
}
