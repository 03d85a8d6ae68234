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
  /** The group for answers that fail a check. */
  readonly escalateTo?: string | undefined;
  /** The last fallback for everything else. */
  readonly otherTier?: string | undefined;
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
  if (forContext === undefined && forContent === undefined && router.otherTier === undefined) return pick(general);
  return [
    ...pick(plain(toList(router.escalateTo), 'escalation')),
    ...pick(plain(forContext ?? [], 'context_window')),
    ...pick(plain(forContent ?? [], 'content_policy')),
    ...pick(general),
    ...pick(plain(toList(router.otherTier).filter((name) => general.every(({ group: other }) => other !== name)))),
  ];
}

function listOf(lists: Lists, name: string): readonly string[] | undefined {
  return lists !== undefined && Object.hasOwn(lists, name) ? lists[name] : undefined;
}

function toList(name: string | undefined): readonly string[] {
  return name === undefined ? [] : [name];
}

function plain(names: readonly string[], cause?: FallbackCause): readonly FallbackGroup[] {
  return names.map((name) => (cause === undefined ? { group: name } : { group: name, for: cause }));
}
