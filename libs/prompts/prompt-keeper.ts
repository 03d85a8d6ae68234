import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Bus, ensurePromptStream, publishPrompt } from '#bus';
import type { StoredPrompt } from '#contracts';
import { openWhenNeeded } from '#runtime';

/** Prompts on their way to the stream; where the stream is away they are dropped and counted, never waited for. */
export interface PromptKeeper {
  /**
   * Calls `make` a turn later: whoever has an answer to end does that first. Undefined is nothing to keep; what it throws is logged and counted as
   * dropped.
   */
  keep(make: () => StoredPrompt | undefined | Promise<StoredPrompt | undefined>): void;
  settled(): Promise<void>;
}

export interface PromptKeeperOptions {
  readonly bus: Bus;
  readonly log: { warn(fields: object, message: string): void };
}

/** Under way at a time: beyond it the stream is too slow for what is asked, and a log is not worth the memory. */
const MOST_UNDER_WAY = 1_000;
const WARN_EVERY_MS = 10_000;

export function createPromptKeeper({ bus, log }: PromptKeeperOptions): PromptKeeper {
  const stream = openWhenNeeded(() => ensurePromptStream(bus));
  const underWay = new Set<Promise<void>>();
  let dropped = 0;
  let warnedAt = 0;
  const drop = (error?: unknown): void => {
    dropped += 1;
    if (Date.now() - warnedAt < WARN_EVERY_MS) return;
    warnedAt = Date.now();
    log.warn({ err: error, dropped }, 'prompts could not be kept');
  };
  const store = async (making: Promise<StoredPrompt | undefined>): Promise<void> => {
    try {
      const prompt = await making;
      if (prompt === undefined) return;
      await stream();
      await publishPrompt(bus, prompt);
    } catch (error) {
      drop(error);
    }
  };
  return {
    keep(make) {
      if (underWay.size >= MOST_UNDER_WAY) return drop();
      const storing: Promise<void> = store(nextTurn().then(make)).finally(() => underWay.delete(storing));
      underWay.add(storing);
    },
    async settled() {
      await Promise.all(underWay);
    },
  };
}
