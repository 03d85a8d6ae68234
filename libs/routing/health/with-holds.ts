import type { HoldMode } from '#contracts';
import type { HealthBoard } from './health-board.ts';

export interface Holds {
  /** How an operator holds a deployment back. */
  modeOf(deploymentId: string): HoldMode | undefined;
  readonly now: () => number;
}

/** Nobody knows when an operator lets it go: it is looked at again after this. */
const LOOK_AGAIN_MS: Readonly<Record<HoldMode, number>> = { pause: 1_000, drain: 5_000 };

/**
 * The board with what operators hold back: such a deployment is out, for planning and for workers. One that is paused is waited for by the
 * requests that have no other; one that is being drained is not.
 */
export function withHolds(board: HealthBoard, { modeOf, now }: Holds): HealthBoard {
  return {
    ...board,
    isAvailable: (id, at) => modeOf(id) === undefined && board.isAvailable(id, at),
    retryAtMs(id) {
      const mode = modeOf(id);
      return mode === undefined ? board.retryAtMs(id) : now() + LOOK_AGAIN_MS[mode];
    },
    isWaitedFor(id, deadlineAt) {
      const mode = modeOf(id);
      return mode === undefined ? board.isWaitedFor?.(id, deadlineAt) === true : mode === 'pause';
    },
    admit: (id) => modeOf(id) === undefined && board.admit(id),
  };
}
