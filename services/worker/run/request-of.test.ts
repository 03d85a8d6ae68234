import { describe, expect, test } from 'vitest';
import type { JobMeta } from '#contracts';
import { requestOf } from './request-of.ts';

const body = Buffer.from('{"model":"m"}');
const meta = (fields: Partial<JobMeta> = {}): JobMeta =>
  ({ dialect: 'openai-chat', model: 'a/m', stream: false, lane: 'batch', by: { keyHash: 'h' }, ...fields }) as JobMeta;

describe('what a job was asked', () => {
  test('is its body, its route, its lane and whom it is filed under', () => {
    const by = { keyHash: 'h', teamId: 't', sessionId: 's', endUser: 'e', agent: 'a', tags: ['x', 'y,z', 'w'] };
    expect(requestOf(meta({ by, headers: { 'anthropic-beta': 'b' } }), body)).toEqual({
      request: {
        v: 1,
        route: '/v1/chat/completions',
        lane: 'batch',
        headers: {
          'anthropic-beta': 'b',
          'x-litellm-session-id': 's',
          'x-litellm-customer-id': 'e',
          'x-headrace-agent': 'a',
          'x-litellm-tags': 'x,w',
        },
      },
      body,
    });
  });

  test('of one that was not to be kept is not to be kept again', () => {
    const asked = requestOf(meta(), body, { keepsNoPrompt: true });
    expect(asked?.request.headers).toEqual({ 'x-litellm-enable-message-redaction': 'true' });
  });

  test('of a live one is asked again in the background', () => {
    expect(requestOf(meta({ lane: 'live' }), body)?.request).toMatchObject({ lane: 'background', headers: {} });
  });

  test.each([
    ['gemini-generate', false, '/v1beta/models/a/m:generateContent'],
    ['gemini-generate', true, '/v1beta/models/a/m:streamGenerateContent?alt=sse'],
    ['gemini-count-tokens', false, '/v1beta/models/a/m:countTokens'],
    ['openai-moderations', false, '/v1/moderations'],
  ] as const)('of %s (stream: %s) names the model in its address where the body does not: %s', (dialect, stream, route) => {
    expect(requestOf(meta({ dialect, stream }), Buffer.from('{"input":"x"}'))?.request.route).toBe(route);
  });

  test.each<[string, Partial<JobMeta>, Buffer]>([
    ['travels by reference', { bodyRef: 'r' }, Buffer.alloc(0)],
    ['is an upload', { uploadRef: 'r' }, body],
    ['has something hidden in it', { guard: { hidden: { '[EMAIL_1]': 'a@b.c' } } }, body],
    ['names no model', {}, Buffer.from('{"messages":[]}')],
  ])('is not kept where it %s', (_name, fields, data) => {
    expect(requestOf(meta(fields), data)).toBeUndefined();
  });
});
