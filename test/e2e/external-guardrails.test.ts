import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningHeadrace, startHeadrace } from '#testing';
import { chat, readStream } from '../support/chat-client.ts';
import { ask as post } from '../support/job-client.ts';
import { askedOf, startSayingProvider } from '../support/saying-provider.ts';
import { type ScriptedProvider, startScriptedProvider } from '../support/scripted-provider.ts';

/** Guardrails that another service judges for, through the whole product. */
let headrace: RunningHeadrace;
let provider: ScriptedProvider;
let guard: ScriptedProvider;
let target: { url: string; key: string };
let says: (asked: string) => readonly string[] = () => ['fine'];
let verdict: (texts: readonly string[]) => object | undefined = () => ({ action: 'NONE' });

beforeAll(async () => {
  provider = await startSayingProvider((asked) => says(asked));
  guard = await startScriptedProvider((request, response) => {
    const answer = verdict(JSON.parse(request.body.toString()).texts);
    if (answer === undefined) return response.destroy();
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(answer));
  });
  const external = (name: string, mode: string, more = '') =>
    `  - {guardrail_name: ${name}, litellm_params: {guardrail: generic_guardrail_api, mode: ${mode}, api_base: "${new URL(guard.url).origin}"${more}}}`;
  headrace = await startHeadrace({
    config: `
model_list: [{model_name: m, litellm_params: {model: openai/m, api_base: "${provider.url}", api_key: x}}]
headrace: {guardrails: {allow_private_hosts: [127.0.0.1]}}
guardrails:
  - {guardrail_name: restore, litellm_params: {guardrail: pii, mode: pre_call, action: restore}}
${external('closed', 'pre_call')}
${external('open', 'pre_call', ', unreachable_fallback: fail_open')}
${external('beside-external', 'during_call')}
${external('after-external', 'post_call')}
`,
  });
  target = { url: headrace.url, key: headrace.masterKey };
});
afterAll(async () => {
  await headrace?.stop();
  provider?.close();
  guard?.close();
});

const ask = (content: string, guardrails: readonly string[] = [], more: object = {}) =>
  chat(target, { model: 'm', messages: [{ role: 'user', content }], guardrails, ...more });
const asked = (): string => askedOf(provider.requests.at(-1));

describe('beside the call', () => {
  test('the answer waits for the verdict of an external one', async () => {
    says = () => ['secret'];
    verdict = () => ({ action: 'BLOCKED', blocked_reason: 'no' });
    const answer = await ask('hi', ['beside-external'], { stream: true });
    expect(answer.status).toBe(400);
    expect(answer.text).not.toContain('secret');
  });
});

describe('an external guardrail', () => {
  test('is asked with the texts, and what it gives back is sent on', async () => {
    verdict = (texts) => ({ action: 'GUARDRAIL_INTERVENED', texts: texts.map((text) => text.replace('bad', '***')) });
    await ask('a bad word', ['closed']);
    expect(asked()).toBe('a *** word');
  });

  test.each([false, true])('may refuse an answer (stream: %s)', async (stream) => {
    says = () => ['se', 'cret'];
    verdict = (texts) => (texts.includes('secret') ? { action: 'BLOCKED' } : { action: 'NONE' });
    expect((await ask('hi', ['after-external'], { stream })).status).toBe(400);
    says = () => ['fi', 'ne'];
    expect((await ask('hi', ['after-external'], { stream })).status).toBe(200);
  });

  test('that is down lets pass or refuses, as it is configured', async () => {
    verdict = () => undefined;
    says = () => ['fine'];
    const open = await ask('hi', ['open']);
    expect(open).toMatchObject({ status: 200, headers: { 'x-headrace-guardrails': 'open=failed' } });
    const closed = await ask('hi', ['closed']);
    expect(JSON.parse(closed.text).error).toMatchObject({
      code: 'guardrail_blocked',
      message: 'Blocked by the guardrail "closed" (unavailable).',
    });
  });
});

describe('texts that an external guardrail changes in a kept back stream', () => {
  const content = 'kim@example.com';
  const messages = [{ role: 'user', content }];
  const data = (text: string) =>
    text
      .split('\n')
      .filter((line) => line.startsWith('data: {'))
      .map((line) => JSON.parse(line.slice(6)));

  test.each<[string, object, (text: string) => string]>([
    ['/v1/chat/completions', { model: 'm', messages, stream: true }, (text) => readStream(text).text],
    [
      '/v1/completions',
      { model: 'm', prompt: content, stream: true },
      (text) =>
        data(text)
          .map(({ choices }) => choices[0]?.text ?? '')
          .join(''),
    ],
    [
      '/v1/messages',
      { model: 'm', messages, max_tokens: 9, stream: true },
      (text) =>
        data(text)
          .map(({ delta }) => delta?.text ?? '')
          .join(''),
    ],
    [
      '/v1/responses',
      { model: 'm', input: content, stream: true },
      (text) => data(text).find(({ type }) => type === 'response.completed').response.output[0].content[0].text,
    ],
    [
      '/v1beta/models/m:streamGenerateContent?alt=sse',
      { contents: [{ role: 'user', parts: [{ text: content }] }] },
      (text) =>
        data(text)
          .map(({ candidates }) => candidates?.[0]?.content?.parts?.[0]?.text ?? '')
          .join(''),
    ],
  ])('are what the client of %s gets, with what was hidden put back', async (path, body, textOf) => {
    let seen: readonly string[] = [];
    verdict = (texts) => {
      seen = texts;
      return { action: 'GUARDRAIL_INTERVENED', texts: texts.map((text) => text.replaceAll('Jane Roe', '<PERSON>')) };
    };
    says = (text) => ['Ask Ja', 'ne Roe or ', text.slice(0, 4), text.slice(4)];
    const answer = await post(target, path, {
      method: 'POST',
      body: JSON.stringify({ ...body, guardrails: ['restore', 'after-external'] }),
    });
    expect(answer.status).toBe(200);
    expect(seen).toEqual(['Ask Jane Roe or <EMAIL_ADDRESS_1>']);
    expect(textOf(answer.text)).toBe('Ask <PERSON> or kim@example.com');
    expect(answer.text).not.toContain('Jane');
    expect(answer.headers.get('x-headrace-guardrails')).toBe('restore=masked, after-external=masked');
  });

  test('are refused where they are not as many as it was asked about', async () => {
    verdict = () => ({ action: 'GUARDRAIL_INTERVENED', texts: ['one', 'two'] });
    says = () => ['Ask Jane'];
    const answer = await ask('hi', ['after-external'], { stream: true });
    expect(answer.status).toBe(400);
    expect(answer.text).not.toContain('Jane');
  });
});
