import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningHeadrace, startHeadrace, waitFor } from '#testing';
import { allRows, createKey } from '../support/books.ts';
import { chat, startChat } from '../support/chat-client.ts';
import { startReplica } from '../support/replica.ts';
import { type ScriptedProvider, startScriptedProvider } from '../support/scripted-provider.ts';

/** A worker whose time is up before its calls are over. */
const ANSWER = {
  id: 'a',
  object: 'chat.completion',
  choices: [{ index: 0, message: { role: 'assistant', content: 'here' }, finish_reason: 'stop' }],
};
let provider: ScriptedProvider;
let headrace: RunningHeadrace;
let key: string;
let isSlow = true;
const asked: string[] = [];

beforeAll(async () => {
  provider = await startScriptedProvider((request, response) => {
    const text = (JSON.parse(request.body.toString()) as { messages: { content: string }[] }).messages[0]?.content ?? '';
    asked.push(text);
    if (isSlow) return void response.on('close', () => undefined);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ ...ANSWER, model: 'x', usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 } }));
  });
  headrace = await startHeadrace({
    config: `
model_list:
  - { model_name: agent, litellm_params: { model: openai/x, api_base: "${provider.url}", api_key: k } }
router_settings: { num_retries: 0 }
headrace: { pools: { openai: { concurrency: 1 } } }
`,
  });
  key = await createKey(headrace);
}, 60_000);
afterAll(async () => {
  await headrace?.stop();
  provider?.close();
});

const ask = (text: string) => ({ model: 'agent', messages: [{ role: 'user', content: text }] });

test('calls that are not over when a worker’s time is go on at another worker, without a retry being allowed', async () => {
  const target = { url: headrace.url, key };
  // the only slot of the first worker, then those of the second
  const first = startChat(target, ask('first'));
  await waitFor(() => asked.length === 1, { what: 'the first worker to call' });
  const leaving = await startReplica(headrace, 'worker', { HEADRACE_SHUTDOWN_MS: '1500' });
  const second = startChat(target, ask('second'));
  await waitFor(() => asked.length === 2, { what: 'the second worker to call' });
  const waiting = [startChat(target, ask('third')), startChat(target, ask('fourth'))];
  const stopped = leaving.stop();
  isSlow = false;
  first.abort();
  await stopped;
  expect((await second.answer).status).toBe(200);
  expect((await Promise.all(waiting.map(({ answer }) => answer))).map(({ status }) => status)).toEqual([200, 200]);
  expect(asked.filter((text) => text === 'second')).toHaveLength(2);
  const rows = await waitFor(
    async () => {
      const found = await allRows(headrace);
      return found.length >= 5 && found;
    },
    { what: 'a row for each call' },
  );
  expect(rows.filter(({ headrace: { status } }) => status === 'success')).toHaveLength(3);
  expect((await chat(target, ask('fifth'))).status).toBe(200);
});
