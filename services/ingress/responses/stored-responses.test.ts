import { beforeEach, describe, expect, test } from 'vitest';
import type { ResponseStore } from '#bus';
import type { StoredResponse } from '#contracts';
import { createStoredResponses } from './stored-responses.ts';

let warnings: string[];
let documents: Map<string, Uint8Array>;
const warn = (_fields: object, message: string) => void warnings.push(message);
const log = { debug() {}, info() {}, error() {}, warn };

beforeEach(() => {
  warnings = [];
  documents = new Map();
});

const memory: ResponseStore = {
  async put(owner, id, document) {
    documents.set(`${owner} ${id}`, document);
  },
  get: (owner, id) => Promise.resolve(documents.get(`${owner} ${id}`)),
  delete: (owner, id) => Promise.resolve(documents.delete(`${owner} ${id}`)),
};

const stored = (change: Partial<StoredResponse> = {}): StoredResponse => ({
  v: 1,
  id: 'resp_1',
  model: 'm',
  input: [{ role: 'user', content: 'x' }],
  response: { id: 'resp_1', output: [] },
  ...change,
});

describe('a stored response', () => {
  test('is found by its owner until it is removed', async () => {
    const responses = createStoredResponses({ open: () => Promise.resolve(memory), log });
    await responses.keep('k1', stored());
    expect(await responses.find('k1', 'resp_1')).toEqual(stored());
    expect(await responses.find('k2', 'resp_1')).toBeUndefined();
    expect(await responses.remove('k2', 'resp_1')).toBe(false);
    expect(await responses.remove('k1', 'resp_1')).toBe(true);
    expect(await responses.find('k1', 'resp_1')).toBeUndefined();
  });

  test('is found by its items, those of the gateway and those of a provider', async () => {
    const responses = createStoredResponses({ open: () => Promise.resolve(memory), log });
    await responses.keep('k1', stored({ id: 'resp_job_1', response: { output: [{ id: 'msg_job_1_0' }] } }));
    await responses.keep('k1', stored({ id: 'resp_theirs', response: { output: [{ id: 'msg_abc' }] } }));
    expect((await responses.findByItem('k1', 'msg_job_1_0'))?.id).toBe('resp_job_1');
    expect((await responses.findByItem('k1', 'msg_abc'))?.id).toBe('resp_theirs');
    expect(await responses.findByItem('k2', 'msg_abc')).toBeUndefined();
    expect([...documents.keys()].toSorted()).toEqual(['k1 msg_abc', 'k1 resp_job_1', 'k1 resp_theirs']);
  });

  test.each(['a.b', '*', '>', 'a b', '', 'x'.repeat(129)])('is never looked for under %j, which is no subject token', async (id) => {
    const open = () => Promise.reject(new Error('asked'));
    const responses = createStoredResponses({ open, log });
    expect(await responses.find('k1', id)).toBeUndefined();
    expect(await responses.findByItem('k1', id)).toBeUndefined();
    expect(await responses.remove('k1', id)).toBe(false);
    await responses.keep('k1', stored({ id }));
    expect(documents.size).toBe(0);
  });

  test('of more than 5 MB is not kept', async () => {
    const responses = createStoredResponses({ open: () => Promise.resolve(memory), log });
    await responses.keep('k1', stored({ input: [{ content: 'x'.repeat(5 * 1024 * 1024) }] }));
    expect(documents.size).toBe(0);
    expect(warnings).toHaveLength(1);
  });
});

describe('a store that is away', () => {
  test('fails look-ups with a code to try again, and no answer', async () => {
    const responses = createStoredResponses({ open: () => Promise.reject(new Error('no stream')), log });
    await expect(responses.keep('k1', stored())).resolves.toBeUndefined();
    expect(warnings).toHaveLength(1);
    await expect(responses.find('k1', 'resp_1')).rejects.toMatchObject({ code: 'service_unavailable' });
    await expect(responses.findByItem('k1', 'msg_1')).rejects.toMatchObject({ code: 'service_unavailable' });
    await expect(responses.remove('k1', 'resp_1')).rejects.toMatchObject({ code: 'service_unavailable' });
  });

  test('is opened again at the next use', async () => {
    let isAway = true;
    const open = () => (isAway ? Promise.reject(new Error('no stream')) : Promise.resolve(memory));
    const responses = createStoredResponses({ open, log });
    await expect(responses.find('k1', 'resp_1')).rejects.toMatchObject({ code: 'service_unavailable' });
    isAway = false;
    expect(await responses.find('k1', 'resp_1')).toBeUndefined();
  });

  test('that does not answer is waited for one second', async () => {
    let store = (): void => undefined;
    const slow: ResponseStore = { ...memory, put: () => new Promise((resolve) => (store = resolve)) };
    const responses = createStoredResponses({ open: () => Promise.resolve(slow), log });
    const before = performance.now();
    await responses.keep('k1', stored());
    expect(performance.now() - before).toBeGreaterThan(900);
    store();
    await responses.settled();
  });
});
