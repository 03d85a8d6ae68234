import type { RouteDecision, RouteTier } from '#contracts';
import { type ScoreText, thresholdFor } from './routing-model.ts';

export interface TierInput {
  readonly group: string;
  readonly text: string;
  /** 0 to 1. */
  readonly costShare: number;
  /** The request's own word. */
  readonly asked: RouteTier | undefined;
  /** Where the session's requests go. */
  readonly ofSession: RouteTier | undefined;
}

export interface TierModel {
  readonly score: ScoreText;
  readonly quantiles: readonly number[];
}

/** The request's word goes first, then its session, then the score: from the share's threshold on the strong tier is worth it. */
export function chooseTier({ group, text, costShare, asked, ofSession }: TierInput, model: TierModel): RouteDecision {
  if (asked !== undefined) return { group, tier: asked, by: 'request' };
  if (ofSession !== undefined) return { group, tier: ofSession, by: 'session' };
  const score = Math.round(model.score(text) * 1e4) / 1e4;
  return { group, tier: score >= thresholdFor(costShare, model.quantiles) ? 'strong' : 'weak', score, by: 'score' };
}
