import OpenAI from 'openai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningHeadrace, startHeadrace } from '#testing';
import { type ScriptedProvider, startScriptedProvider } from '../support/scripted-provider.ts';

/** Streams that are unlike OpenAI's own and right by the rules of event streams (WHATWG HTML, 9.2): a stock client reads them all. */
let provider: ScriptedProvider;
let headrace: RunningHeadrace;
let client: OpenAI;

beforeAll(async () => {
  provider = await startScriptedProvider((request, response) => {
    const { model } = JSON.parse(request.body.toString()) as { model: string };
    const stream = Buffer.from(STREAMS[model] ?? '');
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    if (model !== 'byte by byte') return void response.end(stream);
    let at = 0;
    const next = (): void => {
      if (at === stream.length) return void response.end();
      at += 1;
      response.write(stream.subarray(at - 1, at), () => setImmediate(next));
    };
    next();
  });
  headrace = await startHeadrace({
    config: `
model_list:
  - model_name: "*"
    litellm_params: { model: openai/*, api_base: "${provider.url}", api_key: sk-provider }
router_settings: { num_retries: 0 }
`,
  });
  client = new OpenAI({ baseURL: `${headrace.url}/v1`, apiKey: headrace.masterKey, maxRetries: 0 });
});
afterAll(async () => {
  await headrace.stop();
  provider.close();
});

const TEXT = 'hé 世界 👋';
const chunk = (delta: object, finish_reason: string | null = null) => ({
  id: '1',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'm',
  choices: [{ index: 0, delta, finish_reason }],
});
const CHUNKS = [chunk({ role: 'assistant', content: '' }), chunk({ content: TEXT }), chunk({}, 'stop')];
const EVENTS = [...CHUNKS.map((one) => JSON.stringify(one)), '[DONE]'];
const eachAs = (write: (data: string) => string) => EVENTS.map(write).join('');
const USUAL = eachAs((data) => `data: ${data}\n\n`);

const STREAMS: Readonly<Record<string, string>> = {
  'carriage returns and line feeds': eachAs((data) => `data: ${data}\r\n\r\n`),
  'carriage returns alone': eachAs((data) => `data: ${data}\r\r`),
  'no space after the colon': eachAs((data) => `data:${data}\n\n`),
  'comments and other fields': `: start\n\n${eachAs((data) => `: ping\n\nevent: message\nid: 3\nretry: 10\ndata: ${data}\n\n`)}`,
  'a byte order mark': `\ufeff${USUAL}`,
  'events over several lines': `${CHUNKS.map((one) => `data: ${JSON.stringify(one, null, 1).replaceAll('\n', '\ndata: ')}\n\n`).join('')}data: [DONE]\n\n`,
  'no blank line at the end': USUAL.trimEnd(),
  'more after [DONE]': `${USUAL}data: ${EVENTS[1]}\n\n`,
  'a first chunk without choices': `data: {"id":"1","object":"chat.completion.chunk","choices":[],"prompt_filter_results":[]}\n\n${USUAL}`,
  'an event without data': `data:\n\n${USUAL}`,
  'byte by byte': USUAL,
};

test.each(Object.keys(STREAMS))('%s', async (model) => {
  const stream = await client.chat.completions.create({ model, messages: [{ role: 'user', content: 'hi' }], stream: true });
  let text = '';
  let finish: string | null = null;
  for await (const { choices } of stream) {
    text += choices[0]?.delta.content ?? '';
    finish = choices[0]?.finish_reason ?? finish;
  }
  expect([text, finish]).toEqual([TEXT, 'stop']);
});
