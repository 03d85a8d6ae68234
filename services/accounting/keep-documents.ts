import { setTimeout as delay } from 'node:timers/promises';
import type { BatchConsumer, StreamMessage } from '#bus';
import { isRefusedData } from '#db';

export interface KeepingOptions<T> {
  readonly consumer: Pick<BatchConsumer, 'next' | 'stop'>;
  /** What it is, for the log: `prompts`. */
  readonly what: string;
  /** The documents of one message. Throws for what nobody can read. */
  readonly decode: (data: Uint8Array, subject: string) => readonly T[];
  readonly store: (documents: readonly T[]) => Promise<unknown>;
  readonly nameOf: (document: T) => string;
  /** Rest behind each batch, in times that it took: what is in no hurry leaves the machine to the rest. */
  readonly restFactor?: number | undefined;
  readonly log: { warn(fields: object, message: string): void };
}

const RETRY_MS = 1_000;

/**
 * Takes documents out of their stream into the database. While that is away they wait in the stream; what it can't take is dropped with a line in
 * the log: unlike the ledger's attempts these are no record that money depends on. Resolves its `stop` when the batch under way is stored.
 */
export function keepDocuments<T>(options: KeepingOptions<T>): { stop(): Promise<void> } {
  const { consumer, what, log, restFactor = 0 } = options;
  const rest = createRest();
  let stopped = false;
  const run = async (): Promise<void> => {
    for (let messages = await consumer.next(); messages.length > 0; messages = await consumer.next()) {
      const startedAt = performance.now();
      await storeAll(messages);
      if (stopped) return;
      if (restFactor > 0) await rest.wait((performance.now() - startedAt) * restFactor);
    }
  };
  const storeAll = async (messages: readonly StreamMessage[]): Promise<void> => {
    const documents = messages.flatMap((message) => read(message, options));
    while (!stopped) {
      try {
        await storeEach(documents, options);
        return messages.forEach((message) => message.ack());
      } catch (error) {
        log.warn({ err: error }, `${what} could not be stored, trying on`);
        await delay(RETRY_MS);
      }
    }
  };
  const running = run();
  return {
    async stop() {
      stopped = true;
      consumer.stop();
      rest.end();
      await running;
    },
  };
}

/** Rejects when the database can't be reached. One that is refused does not keep the others out. */
async function storeEach<T>(documents: readonly T[], options: KeepingOptions<T>): Promise<void> {
  const [first] = documents;
  if (first === undefined) return;
  try {
    await options.store(documents);
  } catch (error) {
    if (!isRefusedData(error)) throw error;
    if (documents.length > 1) for (const document of documents) await storeEach([document], options);
    else options.log.warn({ err: error, jobId: options.nameOf(first) }, `one of the ${options.what} could not be stored and is dropped`);
  }
}

function read<T>({ data, subject, streamSeq }: StreamMessage, { decode, what, log }: KeepingOptions<T>): readonly T[] {
  try {
    return decode(data, subject);
  } catch (error) {
    log.warn({ err: error, streamSeq }, `a message of ${what} could not be read and is dropped`);
    return [];
  }
}

/** A pause that a stop cuts short. */
function createRest() {
  const ended = new AbortController();
  return {
    wait: (ms: number): Promise<void> => delay(ms, undefined, { signal: ended.signal }).catch(() => undefined),
    end: () => ended.abort(),
  };
}
