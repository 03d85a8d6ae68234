import { describe, expect, test } from 'vitest';
import { attemptId, decodeJobMeta, encodeJobMeta, InvalidMessage, jobMessageId, type JobMeta } from './job.ts';

const candidate = { deploymentId: 'd1', provider: 'sandbox', tier: 'standard', modelGroup: 'echo' };
const job: JobMeta = {
  v: 1,
  id: 'job_1',
  attempt: 1,
  cursor: 0,
  plan: [candidate],
  lane: 'live',
  dialect: 'openai-chat',
  stream: false,
  model: 'echo',
  inbox: 'hr.in.ingress-abc123',
  acceptedAt: 1_000,
  deadlineAt: 2_000,
  by: { keyHash: 'abc' },
};

const without = (field: string): Record<string, unknown> => Object.fromEntries(Object.entries(job).filter(([name]) => name !== field));

describe('the job header', () => {
  test('arrives as it was sent, unknown fields of a newer sender included', () => {
    const sent = { ...job, by: { keyHash: 'abc', tags: ['a,b', '日本\u2028'] }, laterField: { x: 1 } };
    expect(decodeJobMeta(encodeJobMeta(sent))).toEqual(sent);
  });

  test('of a batch job names no inbox', () => {
    expect(decodeJobMeta(JSON.stringify(without('inbox')))).not.toHaveProperty('inbox');
  });

  test.each<[string, string | undefined]>([
    ['nothing', undefined],
    ['empty text', ''],
    ['no JSON', '{"v":1'],
    ['a list', '[]'],
    ['null', 'null'],
    ['a number', '1'],
    ['no version', JSON.stringify(without('v'))],
    ['a later version', JSON.stringify({ ...job, v: 2 })],
    ['a version that would break a header line', JSON.stringify({ ...job, v: 'a\r\nb' })],
    ['a lane that would break a header line', JSON.stringify({ ...job, lane: 'a\r\nb' })],
    ['no id', JSON.stringify(without('id'))],
    ['an empty id', JSON.stringify({ ...job, id: '' })],
    ['an id with a dot', JSON.stringify({ ...job, id: 'a.b' })],
    ['an id with a wildcard', JSON.stringify({ ...job, id: '*' })],
    ['an id with white space', JSON.stringify({ ...job, id: 'a b' })],
    ['an id with a line break', JSON.stringify({ ...job, id: 'a\r\nPUB x 0' })],
    ['an endless id', JSON.stringify({ ...job, id: 'a'.repeat(10_000) })],
    ['an inbox that is a wildcard', JSON.stringify({ ...job, inbox: 'hr.in.>' })],
    ['an inbox with white space', JSON.stringify({ ...job, inbox: 'hr in' })],
    ['an inbox that is no text', JSON.stringify({ ...job, inbox: 5 })],
    ['an empty inbox', JSON.stringify({ ...job, inbox: '' })],
    ['no model', JSON.stringify(without('model'))],
    ['a model that is no text', JSON.stringify({ ...job, model: 5 })],
    ['an unknown lane', JSON.stringify({ ...job, lane: 'express' })],
    ['an unknown dialect', JSON.stringify({ ...job, dialect: 'telex' })],
    ['an attempt as text', JSON.stringify({ ...job, attempt: '1' })],
    ['attempt 0', JSON.stringify({ ...job, attempt: 0 })],
    ['an attempt a frame has no bits for', JSON.stringify({ ...job, attempt: 65_536 })],
    ['half an attempt', JSON.stringify({ ...job, attempt: 1.5 })],
    ['a cursor before the plan', JSON.stringify({ ...job, cursor: -1 })],
    ['a cursor past the plan', JSON.stringify({ ...job, cursor: 1 })],
    ['an empty plan', JSON.stringify({ ...job, plan: [] })],
    ['a plan that is no list', JSON.stringify({ ...job, plan: candidate })],
    ['a candidate without a provider', JSON.stringify({ ...job, plan: [{ ...candidate, provider: undefined }] })],
    ['no deadline', JSON.stringify(without('deadlineAt'))],
    ['nobody who pays', JSON.stringify(without('by'))],
    ['a payer without a key', JSON.stringify({ ...job, by: {} })],
  ])('with %s is refused as unreadable', (_what, text) => {
    expect(() => decodeJobMeta(text)).toThrow(InvalidMessage);
  });

  test('that is refused says why on one line, so that the dead letter can carry the reason', () => {
    for (const change of [{ v: 'a\nb' }, { lane: 'a\nb' }, { dialect: 'a\nb' }]) {
      expect(() => decodeJobMeta(JSON.stringify({ ...job, ...change }))).toThrow(/^[^\r\n]+$/);
    }
  });
});

describe('ids', () => {
  test('of two attempts or two deliveries differ', () => {
    const ids = [attemptId('a', 1, 1), attemptId('a', 1, 2), attemptId('a', 2, 1), attemptId('b', 1, 1)];
    expect(new Set(ids).size).toBe(ids.length);
    expect(jobMessageId('a', 1)).not.toBe(jobMessageId('a', 2));
  });
});
