import { describe, expect, it } from 'vitest';
import { everyCut, openFor, sentTo, streamFrom } from '../test-exchange.ts';

const MODEL = { upstreamModel: 'meta/meta-llama-3-70b-instruct' };
const VERSION = 'fbfb20b472b2f3bdd101412a9f70a0ed4fc0ced78a77ff00970ee7a2383c575d';
const sent = (request: object, changes = {}) => sentTo('replicate-predictions', request, { ...MODEL, ...changes });
const open = (stream = true) => openFor('replicate-predictions', {}, { ...MODEL, stream });
const reading = (status: string, output: unknown, rest: object = {}) =>
  `${JSON.stringify({ id: 'p1', status, output, error: null, ...rest })}\n`;
const METRICS = { metrics: { input_token_count: 9, output_token_count: 4 } };
const STREAM = [
  reading('starting', null),
  reading('processing', ['Grüß ']),
  reading('processing', ['Grüß ']),
  reading('processing', ['Grüß ', 'dich ']),
  reading('succeeded', ['Grüß ', 'dich ', '👋'], METRICS),
].join('');

describe('a request to Replicate', () => {
  it('is one prompt with its settings, in the words of the official models', () => {
    const messages = [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'hi' },
    ];
    expect(sent({ messages, max_tokens: 9, top_p: 0.5, stop: ['a', 'b'], prompt_template: '{prompt}' })).toEqual({
      input: { prompt: 'hi', system_prompt: 'Be brief.', max_tokens: 9, top_p: 0.5, stop_sequences: 'a,b', prompt_template: '{prompt}' },
    });
  });

  it('tells several turns as a dialogue', () => {
    const messages = ['hi', 'Hello.', 'more'].map((content, index) => ({ role: index === 1 ? 'assistant' : 'user', content }));
    expect(sent({ messages })).toEqual({ input: { prompt: 'User: hi\n\nAssistant: Hello.\n\nUser: more\n\nAssistant:' } });
  });

  it.each([
    [MODEL.upstreamModel, '/models/meta/meta-llama-3-70b-instruct/predictions', undefined],
    ['deployments/acme/bot', '/deployments/acme/bot/predictions', undefined],
    [`meta/llama:${VERSION}`, '/predictions', VERSION],
    [VERSION, '/predictions', VERSION],
  ])('for %s goes to %s', (upstreamModel, path, version) => {
    expect(openFor('replicate-predictions', {}, { upstreamModel }).path).toBe(path);
    expect(sent({}, { upstreamModel })['version']).toBe(version);
  });

  it('refuses tools, schemas and files by name', () => {
    const tools = [{ type: 'function', function: { name: 'f', parameters: {} } }];
    expect(() => sent({ tools })).toThrow(expect.objectContaining({ code: 'unsupported_parameter', param: 'tools' }));
    expect(openFor('replicate-predictions', { tools }, { ...MODEL, dropParams: true }).dropped).toEqual(['tools']);
    expect(() => sent({ response_format: { type: 'json_object' } })).toThrow(expect.objectContaining({ param: 'response_format' }));
    const content = [{ type: 'image_url', image_url: { url: 'https://x.example/a.png' } }];
    expect(() => sent({ messages: [{ role: 'user', content }] })).toThrow(expect.objectContaining({ code: 'invalid_request' }));
  });

  it('waits for the whole answer, and for a stream reads on', () => {
    expect([open(false).headers['prefer'], open(true).headers['prefer']]).toEqual(['wait', undefined]);
  });
});

describe('a prediction', () => {
  it('that still runs is read again by its id, wherever its addresses lead', () => {
    const followUp = (answer: unknown) => open().followUp?.(Buffer.from(JSON.stringify(answer)));
    const urls = { get: 'http://169.254.169.254/latest', stream: 'https://evil.example' };
    expect(followUp({ id: 'p1', status: 'starting', urls })?.path).toBe('/predictions/p1');
    expect(followUp({ id: '../../account', status: 'starting' })).toBeUndefined();
    for (const status of ['succeeded', 'failed', 'canceled', 'aborted', 'new']) expect(followUp({ id: 'p1', status })).toBeUndefined();
  });

  it('is an answer with its tokens when it has succeeded, and none before', () => {
    const decode = (json: string) => open(false).decodeAnswer(Buffer.from(json));
    const { body, usage } = decode(reading('succeeded', ['a', 'b'], METRICS));
    expect(JSON.parse(Buffer.from(body).toString())).toMatchObject({
      model: MODEL.upstreamModel,
      choices: [{ message: { content: 'ab' } }],
    });
    expect(usage).toMatchObject({ inputTokens: 9, outputTokens: 4 });
    expect(decode(reading('succeeded', 'ab')).usage).toBeUndefined();
    expect(() => decode(reading('processing', ['a']))).toThrow(expect.objectContaining({ code: 'upstream_truncated' }));
    expect(() => decode(reading('failed', null, { error: 'flagged (E005)' }))).toThrow(
      expect.objectContaining({ code: 'content_policy_violation' }),
    );
  });

  it('is a stream of what each reading adds, the same wherever it is cut', () => {
    const whole = streamFrom(open(), [STREAM]);
    expect(whole).toMatchObject({ error: undefined, done: true });
    expect([...whole.text.matchAll(/"content":"([^"]+)"/g)].map((match) => match[1])).toEqual(['Grüß ', 'dich ', '👋']);
    for (const pieces of everyCut(STREAM)) expect(streamFrom(open(), pieces)).toEqual(whole);
    expect(streamFrom(open(), [STREAM.slice(0, STREAM.indexOf('{"id":"p1","status":"succeeded"'))])).toMatchObject({
      error: { code: 'upstream_truncated' },
    });
  });
});
