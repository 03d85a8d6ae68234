import { Worker } from 'node:worker_threads';

/** Turns texts into vectors whose cosine says how close they are in meaning. */
export interface Embedder {
  /** Undefined when there are too many before it, or it took longer than that, waiting included. Never rejects. */
  embed(text: string, options: { readonly withinMs: number }): Promise<Float32Array | undefined>;
  close(): Promise<void>;
}

export interface LocalEmbedderOptions {
  readonly log: { warn(fields: object, message: string): void };
}

/** What the worker is asked and what it answers; no vector for a text that failed. */
export interface EmbedQuestion {
  readonly id: number;
  readonly text: string;
}
export interface EmbedAnswer {
  readonly id: number;
  readonly vector: Float32Array | undefined;
}

/** A text takes some 20 ms: what comes behind so many is not worth the wait. */
const MOST_WAITING = 16;

/**
 * The small English model that comes with an npm package (Universal Sentence Encoder Lite, 512 numbers), in a thread of its own: a text would block
 * the event loop for 20 ms. The thread starts with the first text, and again after it died.
 */
export function createLocalEmbedder({ log }: LocalEmbedderOptions): Embedder {
  const waiting = new Map<number, (vector: Float32Array | undefined) => void>();
  let worker: Worker | undefined;
  let nextId = 0;

  const settle = (id: number, vector: Float32Array | undefined): void => {
    waiting.get(id)?.(vector);
    waiting.delete(id);
  };
  const lost = (error?: Error): void => {
    worker = undefined;
    for (const id of [...waiting.keys()]) settle(id, undefined);
    if (error !== undefined) log.warn({ err: error }, 'the thread that embeds texts died: similar requests are not found for now');
  };
  const started = (): Worker => {
    if (worker !== undefined) return worker;
    const opened = new Worker(new URL('./embed-worker.ts', import.meta.url));
    opened.on('message', ({ id, vector }: EmbedAnswer) => settle(id, vector));
    opened.on('error', lost);
    opened.unref();
    worker = opened;
    return opened;
  };

  return {
    embed(text, { withinMs }) {
      if (waiting.size >= MOST_WAITING) return Promise.resolve(undefined);
      const id = (nextId += 1);
      return new Promise((resolve) => {
        const timer = setTimeout(() => settle(id, undefined), withinMs);
        waiting.set(id, (vector) => {
          clearTimeout(timer);
          resolve(vector);
        });
        started().postMessage({ id, text } satisfies EmbedQuestion);
      });
    },
    async close() {
      const open = worker;
      lost();
      await open?.terminate();
    },
  };
}
