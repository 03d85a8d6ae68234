import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openCacheStore } from '#bus';
import { cacheStoreLimits, type KeyedRequest } from '#cache';
import { DEFAULT_CACHE, DEFAULT_SEMANTIC_CACHE } from '#config';
import { createPool, type Database, openSimilarTexts, type SimilarTexts } from '#db';
import { createTestDatabase, startNats, type TestNats, waitFor } from '#testing';
import { startSimilarTexts } from '../../services/accounting/keep-similar-texts.ts';
import type { CacheQuestion } from '../../services/ingress/cache/cache-question.ts';
import { createSimilarAnswers } from '../../services/ingress/cache/similar-answers.ts';
import { createSimilarElsewhere } from '../../services/ingress/cache/similar-elsewhere.ts';
import { cacheEntry } from './support/cache-entry.ts';
import { type Buses, createBuses } from './support/bus.ts';
import { type PgvectorServer, startPgvector } from '../support/pgvector-server.ts';

/** Kept texts in a Postgres with pgvector, and similar requests that are found there. */
let server: PgvectorServer;
let db: Database;
beforeAll(async () => {
  server = await startPgvector();
  db = createPool(server.url, { max: 1 });
}, 60_000);
afterAll(async () => {
  await db.close();
  await server.stop();
});

const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

async function open(): Promise<SimilarTexts> {
  const opened = await openSimilarTexts(db);
  if (!('texts' in opened)) throw new Error(opened.missing);
  return opened.texts;
}

describe('a text', () => {
  const place = { scope: 's', context: 'c', space: '', vector: Float32Array.of(1, 0, 0.1) };
  const text = (hash: string, more: object = {}) => ({ ...place, hash, text: `text ${hash}`, expiresAt: 2_000_000_000_000, ...more });
  const options = { threshold: 0.8, limit: 8, now: new Date(1_900_000_000_000) };
  let texts: SimilarTexts;
  beforeEach(async () => {
    texts = await open();
    await texts.forget(undefined);
  });

  test('is found by a vector that is near, the nearest first', async () => {
    await texts.store([
      text('far', { vector: Float32Array.of(0, 1, 0) }),
      text('near', { vector: Float32Array.of(1, 0.2, 0) }),
      text('same'),
    ]);
    const found = await texts.nearest(place, options);
    expect(found.map(({ hash }) => hash)).toEqual(['same', 'near']);
    expect(found[0]).toMatchObject({ text: 'text same', similarity: expect.closeTo(1, 5) as number });
  });

  test('is found by nobody of another scope, context, model or length, nor when its time is over', async () => {
    const others = [{ scope: 't' }, { context: 'd' }, { space: 'other' }, { vector: Float32Array.of(1, 0, 0.1, 0) }];
    await texts.store(others.map((other, at) => text(`o${at}`, other)));
    await texts.store([text('over', { expiresAt: 1_800_000_000_000 })]);
    expect(await texts.nearest(place, options)).toEqual([]);
    for (const [at, other] of others.entries())
      expect(await texts.nearest({ ...place, ...other }, options)).toMatchObject([{ hash: `o${at}` }]);
  });

  test('is replaced by a later one of its name, also in one batch, and goes when it is deleted', async () => {
    await texts.store([text('h'), text('h', { text: 'later' }), text('other')]);
    await texts.store([text('h', { text: 'last' })]);
    expect((await texts.nearest(place, options)).map((near) => near.text).toSorted((a, b) => a.localeCompare(b))).toEqual([
      'last',
      'text other',
    ]);
    await texts.forget(['h']);
    expect(await texts.nearest(place, options)).toMatchObject([{ hash: 'other' }]);
  });

  test('goes when it has expired, or when there are too many and it is among the oldest', async () => {
    for (const hash of ['1', '2', '3']) await texts.store([text(hash)]);
    await texts.store([text('over', { expiresAt: 1_800_000_000_000 })]);
    await texts.drop({ now: options.now, mostRows: 2 });
    const { rows } = await db.pool.query<{ hash: string }>('select hash from similar_texts order by hash');
    expect(rows.map(({ hash }) => hash)).toEqual(['2', '3']);
  });

  test('of each length has an index of its own, and one too long for an index is found without', async () => {
    await texts.store([text('a'), text('b', { vector: Float32Array.of(1, 0) }), text('long', { vector: new Float32Array(2_001).fill(1) })]);
    const { rows } = await db.pool.query<{ name: string }>(
      `select indexname as name from pg_indexes where indexname like 'similar_texts_near_%' order by 1`,
    );
    expect(rows.map(({ name }) => name)).toEqual(expect.arrayContaining(['similar_texts_near_2', 'similar_texts_near_3']));
    expect(rows.map(({ name }) => name)).not.toContain('similar_texts_near_2001');
    expect(await texts.nearest({ ...place, vector: new Float32Array(2_001).fill(1) }, options)).toMatchObject([{ hash: 'long' }]);
  });
});

test('a Postgres without the extension is told apart, with the reason', async () => {
  const database = await createTestDatabase();
  const plain = createPool(database.url, { max: 1 });
  try {
    expect(await openSimilarTexts(plain)).toEqual({ missing: 'Postgres has no extension "vector" (pgvector)' });
  } finally {
    await plain.close();
    await database.remove();
  }
});

describe('a similar request', () => {
  let nats: TestNats;
  let buses: Buses;
  const releases: (() => unknown)[] = [];
  beforeAll(async () => {
    nats = await startNats();
    buses = createBuses(nats.url);
  });
  afterAll(async () => {
    for (const release of releases.toReversed()) await release();
    await buses.close();
    await nats.remove();
  });

  test('is found in Postgres when the memory has no room for it, word by word as ever', async () => {
    const semantic = { ...DEFAULT_SEMANTIC_CACHE, models: ['m'], maxEntries: 1 };
    const cache = { ...DEFAULT_CACHE, semantic };
    const bus = await buses.open();
    startSimilarTexts({ bus: await buses.open(), db, cache, log, releases: { add: (_name, release) => void releases.push(release) } });
    const store = await openCacheStore(bus, cacheStoreLimits(cache));
    const entries = new Map([['reset', cacheEntry({ hash: 'reset' })]]);
    const answers = createSimilarAnswers({
      elsewhere: createSimilarElsewhere({ bus, now: () => (at += 60_000) }),
      answers: { peek: (_scope, hash) => entries.get(hash), fetch: () => Promise.resolve(undefined), store: () => Promise.resolve(store) },
      settings: () => semantic,
      onRelease: (release) => void releases.push(release),
      log,
      now: Date.now,
    });
    let at = 0;
    const embed = (text: string) =>
      Promise.resolve({ space: '', vector: text.includes('password') ? Float32Array.of(1, 0) : Float32Array.of(0, 1) });
    await answers.keep(question('How do I reset my password?'), cacheEntry({ hash: 'reset' }), embed);
    await answers.keep(question('Where is the invoice?'), cacheEntry({ hash: 'invoice' }), embed);
    const found = await waitFor(
      async () => {
        const similar = await answers.find(question('How can I reset my password?'), embed);
        return similar.entry !== undefined && similar;
      },
      { what: 'the text to be found in Postgres' },
    );
    expect(found).toMatchObject({ entry: { facts: { hash: 'reset' } }, similarity: expect.closeTo(1, 5) as number });
    expect(await answers.find(question('How can I reset your password?'), embed)).toEqual({});
    expect(await answers.find({ ...question('How can I reset my password?'), scope: 'other' }, embed)).toEqual({});
  });
});

function question(content: string): CacheQuestion {
  const request: KeyedRequest = { dialect: 'openai-chat', fields: { messages: [{ role: 'user', content }] }, model: 'm', group: 'm x' };
  return { request, scope: 'scope' } as CacheQuestion;
}
