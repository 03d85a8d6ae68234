import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLocalEmbedder, type Embedder } from './embedder.ts';
import { createSimilarIndex } from './similar-index.ts';

/** Two questions, and whether the answer to the one is an answer to the other. */
interface Pair {
  readonly a: string;
  readonly b: string;
  readonly same: boolean;
}

const read = (file: string): Pair[] =>
  readFileSync(new URL(file, import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Pair);

let embedder: Embedder;
beforeAll(() => {
  embedder = createLocalEmbedder({ log: { warn: () => undefined } });
});
afterAll(() => embedder.close());

async function vectorOf(text: string): Promise<Float32Array> {
  const vector = await embedder.embed(text, { withinMs: 60_000 });
  if (vector === undefined) throw new Error(`no vector for ${text}`);
  return vector;
}

/** How many pairs are taken for the same, and how many of these are. */
async function measure(pairs: readonly Pair[], threshold: number) {
  const found: Pair[] = [];
  for (const pair of pairs) {
    const index = createSimilarIndex({ maxEntries: () => 1 });
    index.add({ scope: 's', context: 'c', space: '', text: pair.a, vector: await vectorOf(pair.a), hash: 'h', expiresAt: 2 });
    const asked = { scope: 's', context: 'c', space: '', text: pair.b, vector: await vectorOf(pair.b) };
    if (index.find(asked, { threshold, now: 1 }) !== undefined) found.push(pair);
  }
  const right = found.filter(({ same }) => same).length;
  return {
    wrong: found.filter(({ same }) => !same),
    precision: right / found.length,
    recall: right / pairs.filter(({ same }) => same).length,
  };
}

// the default of headrace.cache.semantic.threshold
const THRESHOLD = 0.8;

describe('with the model that comes with the package and the default threshold', () => {
  test('at least 98 of 100 questions that are taken for the same are, among 352 pairs', { timeout: 120_000 }, async () => {
    const pairs = read('./pairs.jsonl');
    expect(pairs.length).toBeGreaterThanOrEqual(300);
    const { precision, recall, wrong } = await measure(pairs, THRESHOLD);
    expect(wrong).toEqual([]);
    expect(precision).toBeGreaterThanOrEqual(0.98);
    expect(recall).toBeGreaterThanOrEqual(0.45);
  });

  test('the same holds for pairs that the rules were not made with', { timeout: 120_000 }, async () => {
    const { wrong, recall } = await measure(read('./held-out-pairs.jsonl'), THRESHOLD);
    expect(wrong).toEqual([]);
    expect(recall).toBeGreaterThan(0.2);
  });
});

test('nothing is found from another scope or context, by another model’s vector, or when its time is over', async () => {
  const index = createSimilarIndex({ maxEntries: () => 10 });
  const vector = await vectorOf('How do I reset my password?');
  const known = { scope: 's', context: 'c', space: '', text: 'How do I reset my password?', vector };
  index.add({ ...known, hash: 'h', expiresAt: 2 });
  expect(index.find(known, { threshold: 0.8, now: 1 })).toMatchObject({ hash: 'h' });
  expect(index.find({ ...known, scope: 't' }, { threshold: 0.8, now: 1 })).toBeUndefined();
  expect(index.find({ ...known, context: 'd' }, { threshold: 0.8, now: 1 })).toBeUndefined();
  expect(index.find({ ...known, space: 'other' }, { threshold: 0.8, now: 1 })).toBeUndefined();
  expect(index.find({ ...known, vector: vector.slice(0, 256) }, { threshold: 0.8, now: 1 })).toBeUndefined();
  index.add({ ...known, vector: vector.slice(0, 256), hash: 'short', expiresAt: 2 });
  expect(index.find(known, { threshold: 0.8, now: 1 })).toMatchObject({ hash: 'h' });
  expect(index.find(known, { threshold: 0.8, now: 2 })).toBeUndefined();
});

test('a scope has no more texts than it may, and the oldest go first', () => {
  const index = createSimilarIndex({ maxEntries: () => 2 });
  for (const at of [0, 1, 2]) {
    const vector = new Float32Array(4);
    vector[at] = 1;
    index.add({ scope: 's', context: 'c', space: '', text: `t${at}`, vector, hash: `h${at}`, expiresAt: 2 });
  }
  expect(index.size).toBe(2);
  const first = { scope: 's', context: 'c', space: '', text: 't0', vector: Float32Array.of(1, 0, 0, 0) };
  expect(index.find(first, { threshold: 0.5, now: 1 })).toBeUndefined();
});
