import { describe, expect, test } from 'vitest';
import type { ClientCall } from '../chat/read-request.ts';
import { fingerprintOf, sharedAnswer, type SharingRequest } from './shared-answer.ts';

const BODY = Buffer.from('{"model":"a","messages":[{"role":"user","content":"hi"}]}');
const NO_GROUPS = { modelGroups: {} };

function request(more: Partial<Omit<SharingRequest, 'call'>> = {}, call: Partial<ClientCall> = {}): SharingRequest {
  const whole: ClientCall = { dialect: 'openai-chat', body: BODY, fields: {}, model: 'a', stream: false, ...call };
  return { call: whole, body: BODY, headers: {}, owner: 'k1', model: 'a', ...more };
}

/** A generator with a seed: a failure can be run again (mulberry32, https://gist.github.com/tommyettinger/46a874533244883189143505d203312c). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

describe('the fingerprint', () => {
  test('is the same for the same bytes and another for every single change of a byte, a cut or an addition', () => {
    const next = random(7);
    for (let round = 0; round < 500; round += 1) {
      const body = Buffer.from(Array.from({ length: 1 + Math.floor(next() * 200) }, () => Math.floor(next() * 256)));
      const known = fingerprintOf(request({ body }), []);
      expect(fingerprintOf(request({ body: Buffer.from(body) }), [])).toBe(known);
      const changed = Buffer.from(body);
      const at = Math.floor(next() * body.length);
      changed[at] = ((changed[at] ?? 0) + 1 + Math.floor(next() * 255)) % 256;
      const others = [changed, body.subarray(1), body.subarray(0, -1), Buffer.concat([body, Buffer.from([0])])];
      for (const other of others) expect(fingerprintOf(request({ body: other }), [])).not.toBe(known);
    }
  });

  test('tells routes apart, and what their addresses say', () => {
    const calls: Partial<ClientCall>[] = [
      {},
      { dialect: 'openai-responses' },
      { model: 'b' },
      { stream: true },
      { stream: true, asArray: true },
      { uploadDigest: 'x' },
      { uploadDigest: 'y' },
    ];
    expect(new Set(calls.map((call) => fingerprintOf(request({}, call), []))).size).toBe(calls.length);
  });

  test('does not mistake the end of the route for the beginning of the body', () => {
    const split = fingerprintOf(request({ body: Buffer.from('b\n{}') }, { model: 'a' }), []);
    expect(fingerprintOf(request({ body: Buffer.from('{}') }, { model: 'a\nb' }), [])).not.toBe(split);
  });
});

describe('a request', () => {
  test('has an answer of its own unless it asks to share', () => {
    expect(sharedAnswer(request(), NO_GROUPS)).toBeUndefined();
  });

  test('with an idempotency key is found by it, under its virtual key, whatever its body', () => {
    const headers = { 'idempotency-key': 'order-1' };
    const first = sharedAnswer(request({ headers }), NO_GROUPS);
    expect(first).toMatchObject({ among: 'retries', owner: 'k1', name: expect.stringMatching(/^[0-9a-f]{64}$/) });
    const other = sharedAnswer(request({ headers, body: Buffer.from('{}') }), NO_GROUPS);
    expect(other?.name).toBe(first?.name);
    expect(other?.fingerprint).not.toBe(first?.fingerprint);
    expect(sharedAnswer(request({ headers, owner: 'k2' }), NO_GROUPS)?.owner).toBe('k2');
  });

  test('has twins when its header or its group says so, and the header wins', () => {
    const group = { modelGroups: { a: { singleFlight: true } } };
    expect(sharedAnswer(request({ headers: { 'x-headrace-single-flight': '1' } }), NO_GROUPS)?.among).toBe('twins');
    expect(sharedAnswer(request(), group)?.among).toBe('twins');
    expect(sharedAnswer(request({ model: 'b' }), group)).toBeUndefined();
    expect(sharedAnswer(request({ headers: { 'x-headrace-single-flight': '0' } }), group)).toBeUndefined();
  });

  test('is no twin of one whose headers ask for another answer', () => {
    const of = (headers: Record<string, string>) =>
      sharedAnswer(request({ headers: { 'x-headrace-single-flight': '1', ...headers } }), NO_GROUPS)?.name;
    const names = [of({}), of({ 'anthropic-beta': 'x' }), of({ 'x-headrace-deadline-ms': '5' }), of({ 'x-litellm-timeout': '5' })];
    expect(new Set(names).size).toBe(names.length);
    expect(of({ 'x-headrace-session': 's' })).toBe(names[0]);
  });
});
