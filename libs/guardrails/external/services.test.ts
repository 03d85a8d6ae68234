import { describe, expect, test } from 'vitest';
import type { ExternalRule, ExternalService } from '#config';
import { askPresidio } from './presidio.ts';
import type { GuardQuestion, GuardVerdict } from './question.ts';
import { SERVICES } from './service-codec.ts';

const QUESTION: GuardQuestion = { texts: ['hello', 'call 555'], of: 'request', jobId: 'j1' };
const rule = (service: ExternalService, more: Partial<ExternalRule> = {}): ExternalRule => ({
  kind: 'external',
  service,
  url: 'https://guard.example.com/x',
  apiKey: undefined,
  timeoutMs: 1_000,
  headers: { 'x-own': '1' },
  options: {},
  entities: undefined,
  ...more,
});

describe('what is asked', () => {
  test.each<[Exclude<ExternalService, 'presidio'>, object, object]>([
    ['openai_moderation', { model: 'omni-moderation-latest', input: QUESTION.texts }, { authorization: 'Bearer k', 'x-own': '1' }],
    [
      'lakera_v2',
      { messages: QUESTION.texts.map((content) => ({ role: 'user', content })), breakdown: true, project_id: 'p' },
      { authorization: 'Bearer k' },
    ],
    ['generic_guardrail_api', { texts: QUESTION.texts, input_type: 'request', litellm_call_id: 'j1' }, { 'x-api-key': 'k' }],
    ['bedrock', { source: 'INPUT', content: [{ text: { text: 'hello' } }, { text: { text: 'call 555' } }] }, { 'x-own': '1' }],
  ])('of %s', (service, body, headers) => {
    const options: Readonly<Record<string, string>> = service === 'lakera_v2' ? { project_id: 'p' } : {};
    const call = SERVICES[service].encode(QUESTION, rule(service, { options }), 'k');
    expect(JSON.parse(call.body)).toMatchObject(body);
    expect(call.headers).toMatchObject({ 'content-type': 'application/json', ...headers });
  });
});

describe('what an answer means', () => {
  const aws = (policy: object, outputs: readonly string[] = []) => ({
    action: 'GUARDRAIL_INTERVENED',
    outputs: outputs.map((text) => ({ text })),
    assessments: [{ invocationMetrics: { usage: {} }, ...policy }],
  });
  test.each<[string, Exclude<ExternalService, 'presidio'>, object, GuardVerdict]>([
    ['nothing flagged', 'openai_moderation', { results: [{ flagged: false, categories: { hate: false } }] }, {}],
    [
      'flagged',
      'openai_moderation',
      { results: [{ flagged: true, categories: { hate: false, 'self-harm/intent': true } }] },
      { blocked: 'self-harm/intent', hits: { 'self-harm/intent': 1 } },
    ],
    ['nothing flagged', 'lakera_v2', { flagged: false, breakdown: [{ detector_type: 'pii/name', detected: false }] }, {}],
    [
      'flagged',
      'lakera_v2',
      { flagged: true, breakdown: [{ detector_type: 'prompt_attack', detected: true }] },
      { blocked: 'prompt_attack', hits: { prompt_attack: 1 } },
    ],
    ['none', 'generic_guardrail_api', { action: 'NONE' }, {}],
    [
      'blocked',
      'generic_guardrail_api',
      { action: 'BLOCKED', blocked_reason: 'you said hello' },
      { blocked: 'blocked', hits: { blocked: 1 } },
    ],
    [
      'changed',
      'generic_guardrail_api',
      { action: 'GUARDRAIL_INTERVENED', texts: ['hello', '<X>'] },
      { texts: ['hello', '<X>'], hits: { intervened: 1 } },
    ],
    ['none', 'bedrock', { action: 'NONE', outputs: [], assessments: [] }, {}],
    [
      'denied',
      'bedrock',
      aws({ topicPolicy: { topics: [{ name: 'Money advice', type: 'DENY', action: 'BLOCKED' }] } }, ['Sorry.']),
      { blocked: 'DENY', hits: { DENY: 1 } },
    ],
    [
      'anonymised',
      'bedrock',
      aws({ sensitiveInformationPolicy: { piiEntities: [{ type: 'PHONE', match: '555', action: 'ANONYMIZED' }] } }, [
        'hello',
        'call {PHONE}',
      ]),
      { texts: ['hello', 'call {PHONE}'], hits: { PHONE: 1 } },
    ],
  ])('%s, of %s', (_name, service, answer, verdict) => {
    const { blocked, texts, hits } = SERVICES[service].decode(answer, QUESTION);
    expect({ blocked, texts, hits }).toEqual({ blocked: undefined, texts: undefined, hits: undefined, ...verdict });
  });

  test.each<[Exclude<ExternalService, 'presidio'>, unknown]>([
    ['openai_moderation', {}],
    ['openai_moderation', 'no'],
    ['lakera_v2', { ok: true }],
    ['generic_guardrail_api', { action: 'MAYBE' }],
    ['generic_guardrail_api', { action: 'GUARDRAIL_INTERVENED', texts: ['one'] }],
    ['bedrock', null],
  ])('one of %s that can’t be read is no pass', (service, answer) =>
    expect(() => SERVICES[service].decode(answer, QUESTION)).toThrow(/guardrail|moderation/),
  );
});

describe('Presidio', () => {
  const found = [{ start: 5, end: 8, entity_type: 'PHONE_NUMBER', score: 0.7 }];
  const post = (analyze: (text: string) => unknown, anonymize?: unknown) => (call: { url: string; body: string }) =>
    Promise.resolve(call.url.endsWith('/anonymize') ? anonymize : analyze((JSON.parse(call.body) as { text: string }).text));
  const ask = (asker: ReturnType<typeof post>, more: Partial<ExternalRule> = {}) => askPresidio(QUESTION, rule('presidio', more), asker);

  test('what it finds is replaced, by itself where it has an anonymizer', async () => {
    const analyze = (text: string) => (text.startsWith('call') ? found : []);
    expect((await ask(post(analyze))).texts).toEqual(['hello', 'call <PHONE_NUMBER>']);
    expect((await ask(post(analyze, { text: 'call ***' }), { anonymizerUrl: 'https://a.example.com/anonymize' })).texts).toEqual([
      'hello',
      'call ***',
    ]);
  });

  test('places count signs, not the units of UTF-16', async () => {
    const question = { ...QUESTION, texts: ['😀 555'] };
    const verdict = await askPresidio(question, rule('presidio'), () =>
      Promise.resolve([{ start: 2, end: 5, entity_type: 'PHONE_NUMBER' }]),
    );
    expect(verdict.texts).toEqual(['😀 <PHONE_NUMBER>']);
  });

  test('what is to be blocked is', async () => {
    expect(
      await ask(
        post(() => found),
        { entities: { PHONE_NUMBER: 'block' } },
      ),
    ).toMatchObject({ blocked: 'PHONE_NUMBER' });
  });

  test('an answer that is none rejects', async () => {
    await expect(ask(post(() => ({ error: 'x' })))).rejects.toThrow('no list');
  });
});
