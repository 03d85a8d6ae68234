import { jetstreamManager } from '@nats-io/jetstream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PROMPTS_STREAM } from '#contracts';
import { type RunningHeadrace, startHeadrace, waitFor } from '#testing';
import { awaitRows, createKey, get } from '../support/books.ts';
import { chat } from '../support/chat-client.ts';
import { withBus } from '../support/limited-key.ts';
import { type SpendingProvider, startSpendingProvider } from '../support/spending-provider.ts';

/** What is asked and answered is kept only where the configuration says so, and then without secrets. */
const SECRET = 'sk-abcdefghijklmnopqrstuvwx';
let provider: SpendingProvider;

beforeAll(async () => {
  provider = await startSpendingProvider({ lengthOf: ({ text }) => (text === 'long' ? 3_000 : 5), tokenMs: 1, answerMs: 1 });
});
afterAll(() => provider.close());

const model = () => `model_list: [{model_name: m, litellm_params: {model: openai/m, api_base: "${provider.url}", api_key: x}}]`;

interface Kept {
  readonly messages: readonly { readonly content: string }[];
  readonly response: { readonly choices: readonly { readonly message: { readonly content: string } }[] } & string;
  readonly status: number;
  readonly proxy_server_request: Readonly<Record<string, unknown>>;
}

function asker(headrace: RunningHeadrace) {
  return async (key: string, content: string, more: object = {}, headers: Readonly<Record<string, string>> = {}): Promise<string> => {
    const answer = await chat({ url: headrace.url, key }, { model: 'm', messages: [{ role: 'user', content }], ...more }, headers);
    expect(answer.status).toBe(200);
    return String(answer.headers['x-headrace-job-id']);
  };
}

describe('where prompts are kept', () => {
  let headrace: RunningHeadrace;
  let key: string;
  let ask: ReturnType<typeof asker>;
  beforeAll(async () => {
    headrace = await startHeadrace({
      config: `${model()}\ngeneral_settings: {store_prompts_in_spend_logs: true}\nheadrace: {prompts: {max_kb: 4, redact_fields: [name]}}`,
    });
    key = await createKey(headrace);
    ask = asker(headrace);
  });
  afterAll(() => headrace.stop());

  const keptOf = (id: string, as = headrace.masterKey): Promise<Kept> =>
    waitFor(
      async () => {
        const answer = await get(headrace, `/spend/logs/ui/${id}`, as);
        return answer.ok && ((await answer.json()) as Kept);
      },
      { what: 'the prompt' },
    );

  test('a request is kept with its answer, without secrets and the fields that are named', async () => {
    const id = await ask(key, `my key is ${SECRET}`, { metadata: { name: 'Ann' } });
    const kept = await keptOf(id);
    expect(kept).toMatchObject({ status: 200, messages: [{ content: 'my key is [redacted]' }] });
    expect(kept.proxy_server_request['metadata']).toEqual({ name: '[redacted]' });
    expect(kept.response.choices[0]?.message.content).not.toBe('');
  });

  test('a stream is kept as its events, cut at the size that is set', async () => {
    expect(await keptOf(await ask(key, 'hi', { stream: true }))).toMatchObject({
      response: expect.stringMatching(/^data: .*\n\ndata: \[DONE\]\n\n$/s),
    });
    const long = await keptOf(await ask(key, 'long', { stream: true }));
    expect(long.response).toMatch(/… \[cut, \d+ bytes in all\]$/);
    expect(long.response.length).toBeLessThan(4_200);
  });

  test('its own key sees it, another one does not', async () => {
    const id = await ask(key, 'mine');
    expect((await keptOf(id, key)).messages).toEqual([{ role: 'user', content: 'mine' }]);
    expect((await get(headrace, `/spend/logs/ui/${id}`, await createKey(headrace))).status).toBe(404);
  });

  test('a key or a request that says so is left out', async () => {
    const answer = await fetch(new URL('/key/generate', headrace.url), {
      method: 'POST',
      headers: { authorization: `Bearer ${headrace.masterKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ metadata: { turn_off_message_logging: true } }),
    });
    const silent = ((await answer.json()) as { key: string }).key;
    const left = [
      await ask(silent, 'one'),
      await ask(key, 'two', { 'no-log': true }),
      await ask(key, 'three', {}, { 'x-litellm-enable-message-redaction': 'true' }),
    ];
    await keptOf(await ask(key, 'the last one'));
    for (const id of left) expect((await get(headrace, `/spend/logs/ui/${id}`)).status).toBe(404);
  });
});

test('unless it is said, nothing of it is kept anywhere', async () => {
  const headrace = await startHeadrace({ config: model() });
  try {
    const id = await asker(headrace)(await createKey(headrace), 'a very particular question');
    const rows = await awaitRows(headrace, id, 1);
    expect(JSON.stringify(rows)).not.toContain('particular');
    expect((await get(headrace, `/spend/logs/ui/${id}`)).status).toBe(404);
    await withBus(headrace, async (bus) => {
      await expect((await jetstreamManager(bus.nc)).streams.info(PROMPTS_STREAM)).rejects.toThrow('stream not found');
    });
  } finally {
    await headrace.stop();
  }
});
