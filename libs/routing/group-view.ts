import { LRUCache } from 'lru-cache';
import type { Deployment } from '#config';
import { hashText } from './affinity/rendezvous.ts';
import { matchTags } from './match-tags.ts';
import type { DeploymentLoad } from './status/deployment-load.ts';
import type { StatusBoard } from './status/status-board.ts';

/** A group's deployments with what planning reads of each, by position: made once, so that a plan costs no look-up per deployment. */
export interface GroupView {
  readonly deployments: readonly Deployment[];
  /** All positions. */
  readonly members: readonly number[];
  readonly loads: readonly DeploymentLoad[];
  /** Shares of the traffic: `weight`, else `rpm`, else `tpm`, else 1. */
  readonly weights: readonly number[];
  readonly idHashes: Uint32Array;
  /** Rank of each `order`, 0 for the lowest; deployments without one come last. */
  readonly levels: readonly number[];
  readonly levelCount: number;
  /** `model_info.max_input_tokens`, else what is known of the model; Infinity where nobody says. */
  readonly inputLimits: readonly number[];
  readonly smallestInputLimit: number;
  /** Some deployment has `rpm` or `tpm`. */
  readonly hasLimits: boolean;
  /** Positions of those that a request with these tags may go to; the last answers are kept. */
  matching(tags: readonly string[], match: 'any' | 'all'): readonly number[];
}

export interface GroupViews {
  /** The same view for the same list. */
  viewOf(deployments: readonly Deployment[]): GroupView;
}

/** The longest input that a deployment is known to take, where its configuration does not say. */
export type KnownInputLimit = (deployment: Deployment) => number | undefined;

export function createGroupViews(board: Pick<StatusBoard, 'loadOf'>, knownLimit?: KnownInputLimit): GroupViews {
  const views = new WeakMap<readonly Deployment[], GroupView>();
  return {
    viewOf(deployments) {
      const known = views.get(deployments);
      if (known) return known;
      const view = createView(deployments, board, knownLimit);
      views.set(deployments, view);
      return view;
    },
  };
}

function createView(
  deployments: readonly Deployment[],
  board: Pick<StatusBoard, 'loadOf'>,
  knownLimit: KnownInputLimit | undefined,
): GroupView {
  const orders = [...new Set(deployments.map(orderOf))].sort((a, b) => a - b);
  const inputLimits = deployments.map((deployment) => statedLimit(deployment) ?? knownLimit?.(deployment) ?? Number.POSITIVE_INFINITY);
  return {
    deployments,
    members: deployments.map((_, position) => position),
    loads: deployments.map(({ id }) => board.loadOf(id)),
    weights: deployments.map(({ weight, rpm, tpm }) => Math.max(0, weight ?? rpm ?? tpm ?? 1)),
    idHashes: Uint32Array.from(deployments, ({ id }) => hashText(id)),
    levels: deployments.map((deployment) => orders.indexOf(orderOf(deployment))),
    levelCount: orders.length,
    inputLimits,
    smallestInputLimit: Math.min(...inputLimits, Number.POSITIVE_INFINITY),
    hasLimits: deployments.some(({ rpm, tpm }) => rpm !== undefined || tpm !== undefined),
    matching: createTagMatcher(deployments),
  };
}

/** Clients send the same few combinations of tags; what they make up does not pile up. */
const KEPT_MATCHES = 500;

function createTagMatcher(deployments: readonly Deployment[]): GroupView['matching'] {
  const kept = new LRUCache<string, readonly number[]>({ max: KEPT_MATCHES });
  return (tags, match) => {
    const key = `${match} ${tags.join('\u0000')}`;
    const known = kept.get(key);
    if (known) return known;
    const found = matchTags(deployments, tags, match);
    kept.set(key, found);
    return found;
  };
}

function orderOf(deployment: Deployment): number {
  return deployment.order ?? Number.POSITIVE_INFINITY;
}

function statedLimit({ modelInfo }: Deployment): number | undefined {
  const limit = modelInfo['max_input_tokens'];
  return typeof limit === 'number' && limit > 0 ? limit : undefined;
}
