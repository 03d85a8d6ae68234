import { writeFile } from 'node:fs/promises';
import type http from 'node:http';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type RunningHeadrace, startHeadrace, waitFor } from '#testing';
import { createKey } from '../support/books.ts';
import { chat, type ChatTarget, readStream, startChat } from '../support/chat-client.ts';
import { type Replica, startReplica } from '../support/replica.ts';
import { type ProviderRequest, type ScriptedProvider, startScriptedProvider } from '../support/scripted-provider.ts';
import { storedChunks } from '../support/stored-uploads.ts';

/** Idempotency keys on routes with a body, a memory or a way of their own, with large answers, and with `cancel_on_disconnect`. */
let provider: ScriptedProvider;
let headrace: RunningHeadrace;
let cancelling: Replica;
let first: ChatTarget;
let second: ChatTarget;
let answering: (request: ProviderRequest, response: http.ServerResponse) => void;
let calls = 0;

beforeAll(async () => {
  provider = await startScriptedProvider((request, response) => {
    calls += 1;
    answering(request, response);
  });
  const config = `
model_list:
  - model_name: once
    litellm_params: { model: openai/gpt-x, api_base: "${provider.url}", api_key: sk-provider }
`;
  headrace = await startHeadrace({ config });
  const file = join(dirname(headrace.dataDir), 'cancelling.yaml');
  await writeFile(file, `${config}\nheadrace: { idempotency: { cancel_on_disconnect: true } }\n`);
  cancelling = await startReplica(headrace, 'ingress', { HEADRACE_CONFIG: file });
  const key = await createKey(headrace);
  first = { url: headrace.url, key };
  second = { url: cancelling.url, key };
});
afterAll(async () => {
  await cancelling?.stop();
  await headrace?.stop();
  provider?.close();
});
afterEach(() => {
  calls = 0;
});

let used = 0;
const newKey = (): string => `route-key-${(used += 1)}`;
const question = (content: string, more: object = {}) => ({ model: 'once', messages: [{ role: 'user', content }], ...more });
const FINAL = { index: 0, delta: {}, finish_reason: 'stop' };

function event(choice: object): string {
  return `data: ${JSON.stringify({ id: 'x', choices: [choice] })}\n\n`;
}

test('a stream of 3 MB is followed at another ingress by a client that reads slowly, and replayed, without a lost byte', async () => {
  const words = Array.from({ length: 300 }, (_, i) => `${i}:${'x'.repeat(10_000)} `);
  const goOn = Promise.withResolvers<void>();
  answering = (_request, response) => {
    response.setHeader('content-type', 'text/event-stream');
    response.write(event({ index: 0, delta: { content: 'start ' }, finish_reason: null }));
    void goOn.promise.then(() => {
      for (const content of words) response.write(event({ index: 0, delta: { content }, finish_reason: null }));
      response.end(`${event(FINAL)}data: [DONE]\n\n`);
    });
  };
  const headers = { 'idempotency-key': newKey() };
  const body = question('long', { stream: true });
  const leader = startChat(first, body, headers);
  await leader.head;
  const follower = startChat(second, body, headers);
  const slow = await follower.head;
  slow.pause();
  goOn.resolve();
  const whole = (await leader.answer).text;
  slow.resume();
  expect((await follower.answer).text === whole).toBe(true);
  expect((await chat(second, body, headers)).text === whole).toBe(true);
  expect(readStream(whole)).toMatchObject({ text: `start ${words.join('')}`, done: true });
  expect(calls).toBe(1);
});

test('with cancel_on_disconnect a job whose client leaves ends, and the retry runs again', async () => {
  const waiting: http.ServerResponse[] = [];
  answering = (_request, response) => void waiting.push(response);
  const headers = { 'idempotency-key': newKey() };
  const left = startChat(second, question('a'), headers);
  await waitFor(() => waiting.length === 1, { what: 'the call' });
  const before = provider.aborted;
  left.abort();
  await waitFor(() => provider.aborted === before + 1, { what: 'the call to be aborted' });
  const retry = chat(first, question('a'), headers);
  await waitFor(() => waiting.length === 2, { what: 'the call of the retry' });
  waiting[1]?.setHeader('content-type', 'application/json');
  waiting[1]?.end(
    JSON.stringify({ id: 'x', choices: [{ index: 0, message: { role: 'assistant', content: 'ok' }, finish_reason: 'stop' }] }),
  );
  expect((await retry).status).toBe(200);
});

function transcribe(target: ChatTarget, file: Uint8Array<ArrayBuffer>, key: string): Promise<Response> {
  const form = new FormData();
  form.set('model', 'once');
  form.set('file', new Blob([file]), 'a.wav');
  return fetch(new URL('/v1/audio/transcriptions', target.url), {
    method: 'POST',
    headers: { authorization: `Bearer ${target.key}`, 'idempotency-key': key },
    body: form,
  });
}

test('an upload is the same when its files are: a form has another boundary each time; no file is left behind', async () => {
  answering = (_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(`{"text":"take ${calls}"}`);
  };
  const key = newKey();
  const file = new Uint8Array(300_000).fill(7);
  const [one, two] = [await transcribe(first, file, key), await transcribe(second, file, key)];
  expect([one.status, two.status]).toEqual([200, 200]);
  expect(await two.text()).toBe(await one.text());
  expect(two.headers.get('x-headrace-idempotent-replay')).toBe('true');
  // beyond what a form shows of its files: their beginning and size
  const other = file.slice();
  other[200_000] = 8;
  expect((await transcribe(second, other, key)).status).toBe(409);
  expect(calls).toBe(1);
  await waitFor(async () => (await storedChunks(headrace)) === 0, { what: 'the files to be gone' });
});

test('a response of the Responses API is stored once and given again under its id', async () => {
  answering = (_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(
      JSON.stringify({ id: 'x', choices: [{ index: 0, message: { role: 'assistant', content: 'hello' }, finish_reason: 'stop' }] }),
    );
  };
  const headers = { authorization: `Bearer ${first.key}`, 'content-type': 'application/json', 'idempotency-key': newKey() };
  const ask = (target: ChatTarget) =>
    fetch(new URL('/v1/responses', target.url), { method: 'POST', headers, body: JSON.stringify({ model: 'once', input: 'hi' }) });
  const one = (await (await ask(first)).json()) as { id: string };
  const two = (await (await ask(second)).json()) as { id: string };
  expect(two).toEqual(one);
  const stored = await fetch(new URL(`/v1/responses/${one.id}`, second.url), { headers: { authorization: `Bearer ${first.key}` } });
  expect(stored.status).toBe(200);
});
