import { setTimeout as delay } from 'node:timers/promises';
import type { BatchConsumer, StreamMessage } from '#bus';
import { decodeStoredPrompt, type StoredPrompt } from '#contracts';
import { isRefusedData } from '#db';

export interface PromptResources {
  readonly consumer: Pick<BatchConsumer, 'next' | 'stop'>;
  readonly store: (prompts: readonly StoredPrompt[]) => Promise<void>;
  readonly log: { warn(fields: object, message: string): void };
}

const RETRY_MS = 1_000;

/**
 * Takes prompts out of their stream into the database. While that is away they wait in the stream; what it can't take is dropped with a line in
 * the log: unlike the ledger this is no record that anything depends on. Resolves its `stop` when the batch under way is stored.
 */
export function startPromptKeeping({ consumer, store, log }: PromptResources): { stop(): Promise<void> } {
  let stopped = false;
  const run = async (): Promise<void> => {
    for (let messages = await consumer.next(); messages.length > 0; messages = await consumer.next()) {
      await storeAll(messages);
      if (stopped) return;
    }
  };
  const storeAll = async (messages: readonly StreamMessage[]): Promise<void> => {
    const prompts = messages.flatMap((message) => readPrompt(message, log));
    while (!stopped) {
      try {
        await storeEach(prompts, { store, log });
        return messages.forEach((message) => message.ack());
      } catch (error) {
        log.warn({ err: error }, 'prompts could not be stored, trying on');
        await delay(RETRY_MS);
      }
    }
  };
  const running = run();
  return {
    async stop() {
      stopped = true;
      consumer.stop();
      await running;
    },
  };
}

/** Rejects when the database can't be reached. One that is refused does not keep the others out. */
async function storeEach(prompts: readonly StoredPrompt[], { store, log }: Pick<PromptResources, 'store' | 'log'>): Promise<void> {
  try {
    await store(prompts);
  } catch (error) {
    if (!isRefusedData(error)) throw error;
    if (prompts.length > 1) for (const prompt of prompts) await storeEach([prompt], { store, log });
    else log.warn({ err: error, jobId: prompts[0]?.job }, 'a prompt could not be stored and is dropped');
  }
}

function readPrompt({ data, streamSeq }: StreamMessage, log: PromptResources['log']): StoredPrompt[] {
  try {
    return [decodeStoredPrompt(data)];
  } catch (error) {
    log.warn({ err: error, streamSeq }, 'a prompt could not be read and is dropped');
    return [];
  }
}
