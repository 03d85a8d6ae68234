import { type Bus, ensurePromptStream, publishPrompt } from '#bus';
import type { StoredPrompt } from '#contracts';
import { openWhenNeeded } from '../open-when-needed.ts';
import type { IngressLog } from '../resources.ts';
import type { PromptKeeper } from './keep-prompt.ts';

/** Under way at a time: beyond it the stream is too slow for what is asked, and a log is not worth the memory. */
const MOST_UNDER_WAY = 1_000;
const WARN_EVERY_MS = 10_000;

export function createPromptKeeper({ bus, log }: { readonly bus: Bus; readonly log: IngressLog }): PromptKeeper {
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
  const store = async (prompt: StoredPrompt): Promise<void> => {
    try {
      await stream();
      await publishPrompt(bus, prompt);
    } catch (error) {
      drop(error);
    }
  };
  return {
    keep(prompt) {
      if (underWay.size >= MOST_UNDER_WAY) return drop();
      const storing: Promise<void> = store(prompt).finally(() => underWay.delete(storing));
      underWay.add(storing);
    },
    async settled() {
      await Promise.all(underWay);
    },
  };
}
