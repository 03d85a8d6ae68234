import { describe, expect, test } from 'vitest';
import { type AttemptEvent, decodeAttemptEvent } from './attempt-event.ts';
import { InvalidMessage } from './job.ts';
import { NO_USAGE } from './usage.ts';

const event: AttemptEvent = {
  v: 1,
  job: 'job_1',
  attempt: 1,
  delivery: 1,
  verdict: 'done',
  status: 'success',
  by: { keyHash: 'abc' },
  lane: 'live',
  tier: 'standard',
  stream: true,
  route: '/v1/chat/completions',
  requestedModel: 'echo',
  modelGroup: 'echo',
  deploymentId: 'd1',
  provider: 'sandbox',
  model: 'echo',
  usage: NO_USAGE,
  priceSource: 'unknown',
  acceptedAt: 1,
  startedAt: 2,
  endedAt: 3,
};

const bytes = (value: unknown): Uint8Array => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));

describe('an attempt event', () => {
  test('arrives as it was sent, unknown fields of a newer sender included', () => {
    expect(decodeAttemptEvent(bytes({ ...event, laterField: 1 }))).toEqual({ ...event, laterField: 1 });
  });

  test.each<[string, unknown]>([
    ['nothing', ''],
    ['no JSON', '{'],
    ['a list', '[]'],
    ['null', 'null'],
    ['text', '"x"'],
    ['the empty note of a job given back', '{}'],
    ['a later version', { ...event, v: 2 }],
    ['a job that is no text', { ...event, job: 1 }],
    ['no status', { ...event, status: undefined }],
    ['no provider', { ...event, provider: undefined }],
    ['no deployment', { ...event, deploymentId: null }],
    ['an attempt as text', { ...event, attempt: '1' }],
    ['half a delivery', { ...event, delivery: 0.5 }],
    ['a start that is no time', { ...event, startedAt: '2026-01-01' }],
    ['no usage', { ...event, usage: undefined }],
    ['null for usage', { ...event, usage: null }],
    ['nobody who pays', { ...event, by: undefined }],
  ])('with %s is refused as unreadable', (_what, value) => {
    expect(() => decodeAttemptEvent(bytes(value))).toThrow(InvalidMessage);
  });
});
