import type { JobPuller } from '#bus';
import { BULK_QUEUES, type JobRoute, LANES, type Lane } from '#contracts';
import type { Deployment } from '#config';
import type { HeldJob } from './held-jobs.ts';

/** One queue that a pool pulls from. */
export interface Source {
  readonly route: JobRoute;
  /** Share of the free slots that may be asked for ahead; another when queues come or go. */
  share: number;
  readonly isLive: boolean;
  /** Its deployment gives permits: one job at a time is taken from it and waits here for its own. */
  readonly isGated: boolean;
  readonly puller: JobPuller;
  /** In order of arrival; more than one only where several jobs came at the same moment for fewer slots. */
  readonly held: HeldJob[];
  /** Nothing was there; not asked again before (Unix ms). */
  emptyUntil: number;
  /** How many jobs are asked for ahead now; see `ask-for-jobs.ts`. */
  window: number;
  /** When its last job came (Unix ms). */
  lastJobAt: number;
}

/** The queues of one provider: for each lane and tier the common one, its bulk queues, and those of deployments of their own. */
export function routesOf(provider: string, deployments: readonly Deployment[]): JobRoute[] {
  const own = deployments.filter((deployment) => deployment.provider === provider);
  const queues = new Map(own.map(({ tier, queue }) => [`${tier} ${queue ?? ''}`, { tier, queue }]));
  // the common queue of a tier is there even if all its deployments have their own: who publishes by hand knows no queues
  for (const { tier } of own) queues.set(`${tier} `, { tier, queue: undefined });
  return [...queues.values()].flatMap(({ tier, queue }) =>
    LANES.flatMap((lane) => bulksOf(lane).map((bulk) => ({ lane, tier, provider, queue, bulk }))),
  );
}

function bulksOf(lane: Lane): readonly (number | undefined)[] {
  return [undefined, ...Array.from({ length: BULK_QUEUES[lane] }, (_, index) => index)];
}
