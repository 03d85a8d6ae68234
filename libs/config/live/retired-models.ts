import type { Deployment } from '../settings/deployment.ts';
import type { ModelIndex } from '../models/model-index.ts';

/** The longest that a job under way may still want a deployment that was taken away: LiteLLM's time-out for a request, and time to spare. */
const KEPT_MS = 15 * 60_000;
const MOST_KEPT = 32;

export interface RetiredModels {
  /** A deployment of a configuration that is no longer the current one. */
  deployment(group: string, id: string): Deployment | undefined;
  /** To be told of an index that has lost a deployment. */
  retire(index: ModelIndex): void;
}

/** Indexes that were replaced, for the jobs that were planned with them. */
export function createRetiredModels(now: () => number): RetiredModels {
  let kept: readonly { readonly index: ModelIndex; readonly until: number }[] = [];
  return {
    deployment(group, id) {
      const at = now();
      for (const { index, until } of kept) {
        const found = until > at ? index.deployment(group, id) : undefined;
        if (found !== undefined) return found;
      }
      return undefined;
    },
    retire(index) {
      const at = now();
      kept = [{ index, until: at + KEPT_MS }, ...kept.filter(({ until }) => until > at)].slice(0, MOST_KEPT);
    },
  };
}
