import { setTimeout } from 'node:timers/promises';
import type { BatchConsumer, StreamMessage } from '#bus';
import { driverError } from '#db';
import type { AdminLog } from './resources.ts';

export interface StreamTaskOptions {
  readonly consumer: Pick<BatchConsumer, 'next' | 'stop' | 'close'>;
  /** Does what there is to do for some messages; may be called again with the same. */
  readonly handle: (messages: readonly StreamMessage[]) => Promise<unknown>;
  readonly log: Pick<AdminLog, 'warn'>;
  readonly releases: { add(name: string, release: () => unknown): void };
}

const PAUSE_MS = 2_000;

/** Works a consumer off, batch by batch, each acknowledged once it is done; one that fails is tried again until it is. */
export function startStreamTask(name: string, { consumer, handle, log, releases }: StreamTaskOptions): void {
  const stopping = new AbortController();
  const untilDone = async (messages: readonly StreamMessage[]): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        await handle(messages);
        for (const message of messages) message.ack();
        return;
      } catch (error) {
        log.warn({ err: driverError(error), task: name }, 'messages of a stream could not be worked off: tried again');
      }
      await setTimeout(PAUSE_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  };
  const run = async (): Promise<void> => {
    for (let messages = await consumer.next(); messages.length > 0; messages = await consumer.next()) await untilDone(messages);
  };
  const finished = run();
  releases.add(name, async () => {
    stopping.abort();
    consumer.stop();
    await finished;
    await consumer.close();
  });
}
