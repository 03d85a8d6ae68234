import {
  addUsage,
  createSentLog,
  type Frame,
  frameMeta,
  type JobMeta,
  type MovedMeta,
  NO_USAGE,
  type SentAnswer,
  type SentPieces,
  type TokenUsage,
} from '#contracts';

/** What a client has of an answer that another attempt may have to go on with, should the worker that sends it die. */
export interface ShownAnswer {
  /** A data frame was passed on. */
  passedOn(frame: Frame): void;
  /** The worker has handed over itself: what was spent is its word. */
  handedOver(moved: MovedMeta): void;
  /** An attempt that was lost has used so much. */
  lost(usage: TokenUsage): void;
  /** Undefined where it can't be gone on with. */
  answer(): SentAnswer | undefined;
}

/** Only jobs that are to be continued have one. */
export function createShownAnswer({ onStreamFailure }: Pick<JobMeta, 'onStreamFailure'>): ShownAnswer | undefined {
  if (onStreamFailure !== 'continue') return undefined;
  const log = createSentLog();
  let spent: TokenUsage = NO_USAGE;
  return {
    passedOn(frame) {
      if (frame.meta.length > 0) log.add(frameMeta<SentPieces>(frame));
    },
    handedOver(moved) {
      spent = moved.spent ?? spent;
    },
    lost(usage) {
      spent = addUsage(spent, usage);
    },
    answer: () => log.answer(spent),
  };
}
