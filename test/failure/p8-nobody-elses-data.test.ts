import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningHeadrace, startHeadrace, waitFor } from '#testing';
import { createKey, get, type LedgerRow, ledgerRows } from '../support/books.ts';
import { type CaptureProvider, startCaptureProvider } from '../support/capture-provider.ts';
import { chat } from '../support/chat-client.ts';

/** Promise 8: keys are stored hashed, provider keys and prompts are nowhere, and a key sees its own data only. */
const PROVIDER_KEY = 'sk-provider-3f9c1a7e5b2d4068';
const PROMPT = 'the-launch-code-is-0451';
let provider: CaptureProvider;
let headrace: RunningHeadrace;
let keys: readonly [string, string];

beforeAll(async () => {
  provider = await startCaptureProvider(({ body }) =>
    body.includes('fail')
      ? '{"error":{"message":"Incorrect API key provided: sk-provider-3f9c1a7e5b2d4068","type":"invalid_request_error"}}'
      : '{"id":"x","choices":[{"index":0,"message":{"role":"assistant","content":"ok"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}',
  );
  headrace = await startHeadrace({
    whole: true,
    env: { TEST_PROVIDER_KEY: PROVIDER_KEY, LOG_LEVEL: 'debug' },
    config: `
model_list:
  - model_name: plain
    litellm_params: { model: openai/gpt-x, api_base: "${provider.url}", api_key: os.environ/TEST_PROVIDER_KEY }
`,
  });
  keys = [await createKey(headrace), await createKey(headrace)];
});
afterAll(async () => {
  await headrace.stop();
  provider.close();
});

function ask(key: string, content = PROMPT) {
  return chat({ url: headrace.url, key }, { model: 'plain', messages: [{ role: 'user', content }] });
}

test('the provider gets its own key and never the client’s', async () => {
  const answer = await ask(keys[0]);
  expect(answer.status).toBe(200);
  const sent = provider.requests.at(-1);
  expect(sent?.headers['authorization']).toBe(`Bearer ${PROVIDER_KEY}`);
  expect(JSON.stringify(sent)).not.toContain(keys[0]);
});

test('a provider’s error that quotes its key does not pass it on', async () => {
  const answer = await ask(keys[0], 'fail');
  expect(answer.status).toBeGreaterThanOrEqual(400);
  expect(answer.text + JSON.stringify(answer.headers)).not.toContain(PROVIDER_KEY);
});

test('a key sees its own rows only', async () => {
  const [mine, theirs] = [await ask(keys[0]), await ask(keys[1])];
  const jobs = [mine, theirs].map((answer) => String(answer.headers['x-headrace-job-id']));
  for (const job of jobs) {
    await waitFor(async () => (await ledgerRows(headrace, job)).length === 1, { what: 'the row of each' });
  }
  const seen = (await (await get(headrace, '/spend/logs', keys[0])).json()) as LedgerRow[];
  const ids = seen.map((row) => row.request_id);
  expect(ids).toContain(jobs[0]);
  expect(ids).not.toContain(jobs[1]);
  const foreign = await get(headrace, `/spend/logs?request_id=${jobs[1]}`, keys[0]);
  expect(await foreign.json()).toEqual([]);
  const management = await fetch(new URL('/key/generate', headrace.url), {
    method: 'POST',
    headers: { authorization: `Bearer ${keys[0]}` },
    body: '{}',
  });
  expect(management.status).toBe(403);
});

test('neither virtual keys nor the provider’s key nor prompts are in any file, but for prompts in jobs under way', async () => {
  const files = await filesBelow(headrace.dataDir);
  expect(files.length).toBeGreaterThan(20);
  const found: string[] = [];
  for (const file of files) {
    const content = await readFile(file).catch(() => Buffer.alloc(0));
    for (const [name, secret] of [
      ['first key', keys[0]],
      ['second key', keys[1]],
      ['provider key', PROVIDER_KEY],
    ] as const) {
      if (content.includes(secret)) found.push(`${name} in ${file}`);
    }
    if (content.includes(PROMPT) && !file.includes('/streams/JOBS/')) found.push(`prompt in ${file}`);
  }
  expect(found).toEqual([]);
});

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}
