import { describe, expect, test } from 'vitest';
import type { PromptSettings } from '#config';
import type { JobGuard } from '#contracts';
import { buildPrompt, type PromptEnd } from './build-prompt.ts';

const settings: PromptSettings = { retentionMs: 1, maxBytes: 1_000, redactFields: ['Patient'] };
const by = { keyHash: 'h', teamId: 't', keyAlias: 'not kept' };

function build(request: object | number, end: Partial<PromptEnd> & { text?: string } = {}, guard?: JobGuard) {
  const answer = Buffer.from(end.text ?? '');
  const meta = { id: 'j', acceptedAt: 5, by, dialect: 'openai-chat', model: 'm', guard } as const;
  return buildPrompt({ meta, request, end: { status: 200, error: undefined, answer, answerBytes: answer.length, ...end } }, settings);
}

const BLOCKED = { code: 'guardrail_blocked', message: 'Blocked by the guardrail "g" (x).' } as const;

describe('what is kept of a request and its answer', () => {
  test('says whose it is, and is without secrets and the fields that are named', () => {
    const kept = build({ q: 'sk-abcdefghijklmnopqrstuvwx', patient: 'Ann' }, { text: '{"patient":"Ann","a":1}' });
    expect(kept).toEqual({
      v: 1,
      job: 'j',
      acceptedAt: 5,
      by: { keyHash: 'h', teamId: 't', userId: undefined, organizationId: undefined },
      route: '/v1/chat/completions',
      model: 'm',
      status: 200,
      request: '{"q":"[redacted]","patient":"[redacted]"}',
      answer: '{"patient":"[redacted]","a":1}',
    });
  });

  test('has the error behind the answer, without secrets too', () => {
    const error = { code: 'upstream_error', message: 'bad key sk-abcdefghijklmnopqrstuvwx' } as const;
    expect(build({}, { text: 'data: a\n\n', error }).answer).toBe('data: a\n\n[upstream_error: bad key [redacted]]');
  });

  test('says how long an answer was of which only the beginning is held', () => {
    expect(build({}, { text: '{"a":', answerBytes: 70 }).answer).toBe('{"a":… [cut, 70 bytes in all]');
  });

  test('is the size alone of a request that is not at hand', () => {
    expect(build(1_234).request).toBe('[not kept: 1234 bytes]');
  });

  test('is nothing of a request that a guardrail blocked', () => {
    const kept = build({ q: 'blocked text' }, { status: 400, error: BLOCKED });
    expect(kept).toMatchObject({ status: 400, request: '[not kept: a guardrail blocked it]' });
    expect(kept.answer).toBe('[guardrail_blocked: Blocked by the guardrail "g" (x).]');
  });

  test('is nothing of an answer in which a guardrail put back what it had hidden', () => {
    const kept = build({ q: '<EMAIL_1>' }, { text: '{"a":"jane@x.org"}' }, { hidden: { '<EMAIL_1>': 'jane@x.org' } });
    expect(kept.request).toBe('{"q":"<EMAIL_1>"}');
    expect(kept.answer).toBe('[not kept: 18 bytes, in which a guardrail put back what it had hidden]');
    expect(build({}, { text: 'fine' }, { hidden: {} }).answer).toBe('fine');
  });
});
