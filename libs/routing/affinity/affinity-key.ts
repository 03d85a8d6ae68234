import type { RoutingSettings } from '#config';
import type { RequestFacts } from '../request-facts.ts';
import { hashText } from './rendezvous.ts';

/** Providers cache prompts from about this length on; shorter ones are not worth leaving the strategy's order for. */
export const SHORTEST_CACHED_TOKENS = 1_024;

/**
 * What requests that belong on one deployment have in common, hashed: the session, or the beginning of the prompt. Undefined where
 * the settings ask for none or the request has none; then the strategy alone decides.
 */
export function affinityKey(facts: RequestFacts, { affinity }: Pick<RoutingSettings, 'affinity'>): number | undefined {
  if (affinity === 'session') return facts.sessionId === undefined ? undefined : hashText(facts.sessionId);
  if (affinity === 'key') return hashText(facts.caller);
  if (affinity === 'prefix' && facts.inputTokens() >= SHORTEST_CACHED_TOKENS) return facts.prefixHash();
  return undefined;
}
