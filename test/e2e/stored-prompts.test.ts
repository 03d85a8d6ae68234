import { jetstreamManager } from '@nats-io/jetstream';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Bus } from '#bus';
import { createQueueClient, jobIdOf, type JobRequest, ownerOfKey } from '#client';
import { PROMPTS_STREAM } from '#contracts';
import { type RunningHeadrace, startHeadrace, waitFor } from '#testing';
import { awaitBatch, inputLine, uploadInput } from '../integration/support/batches.ts';
import { allRows, awaitRows, createKey, get } from '../support/books.ts';
import { storedEntries, untilEntries } from '../support/cache-entries.ts';
import { chat } from '../support/chat-client.ts';
import { ask as askFor, awaitJob, sendAway } from '../support/job-client.ts';
import { withBus } from '../support/limited-key.ts';
import { connectTo } from '../support/queue-client.ts';
import { askedOf, startSayingProvider } from '../support/saying-provider.ts';
import type { ScriptedProvider } from '../support/scripted-provider.ts';

/** What is asked and answered is kept only where the configuration says so, and then without secrets. */
const SECRET = 'sk-abcdefghijklmnopqrstuvwx';
let provider: ScriptedProvider;

beforeAll(async () => {
  provider = await startSayingProvider((asked) => (asked === 'long' ? Array(3_000).fill('tick ') : [asked]));
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
  let bus: Bus;
  beforeAll(async () => {
    headrace = await startHeadrace({
      whole: true,
      config: `${model()}
general_settings: {store_prompts_in_spend_logs: true}
litellm_settings: {cache: true, cache_params: {mode: default_off}}
headrace: {prompts: {max_kb: 4, redact_fields: [name]}}
guardrails:
  - {guardrail_name: mask, litellm_params: {guardrail: pii, mode: pre_call, action: mask}}
  - {guardrail_name: restore, litellm_params: {guardrail: pii, mode: pre_call, action: restore}}
  - {guardrail_name: block, litellm_params: {guardrail: words, mode: pre_call, words: [forbidden]}}
  - {guardrail_name: beside, litellm_params: {guardrail: words, mode: during_call, words: [frowned at]}}
`,
    });
    key = await createKey(headrace);
    ask = asker(headrace);
    bus = await connectTo(headrace);
  }, 60_000);
  afterAll(async () => {
    await bus?.close();
    await headrace?.stop();
  });

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

  describe('of jobs that nobody waits for on a connection', () => {
    const target = (own = key) => ({ url: headrace.url, key: own });
    const asking = (content: string, more: object = {}) => ({ model: 'm', messages: [{ role: 'user', content }], ...more });
    const silentKey = () => createKey(headrace, { metadata: { turn_off_message_logging: true } });

    /** Publishes a job. Resolves with its id when it is over. */
    async function publish(owner: string, request: Omit<JobRequest, 'group' | 'id'> & { id: string }): Promise<string> {
      const client = await createQueueClient({ owner: ownerOfKey(owner), connection: { bus } });
      await client.submit({ group: 'kept', ...request });
      for await (const { id } of client.results({ group: 'kept', signal: AbortSignal.timeout(30_000) })) if (id === request.id) break;
      return jobIdOf(ownerOfKey(owner), { group: 'kept', id: request.id });
    }

    async function runBatch(owner: string, lines: readonly string[]): Promise<string[]> {
      const client = new OpenAI({ baseURL: `${headrace.url}/v1`, apiKey: owner });
      const input = await uploadInput(client, lines);
      const { id } = await client.batches.create({ input_file_id: input.id, endpoint: '/v1/chat/completions', completion_window: '24h' });
      await awaitBatch(client, id);
      const rows = async () => {
        const own = (await allRows(headrace)).filter(({ api_key: hash }) => hash === ownerOfKey(owner));
        return own.length === lines.length && own;
      };
      return (await waitFor(rows, { what: 'rows of the batch' })).map(({ request_id: job }) => job);
    }

    test('a background response is kept', async () => {
      const body = JSON.stringify({ model: 'm', input: `my key is ${SECRET}`, background: true, metadata: { name: 'Ann' } });
      const accepted = await askFor(target(), '/v1/responses', { method: 'POST', body });
      const kept = await keptOf(accepted.headers.get('x-headrace-job-id') ?? '', key);
      expect(kept).toMatchObject({ status: 200, messages: 'my key is [redacted]', response: { object: 'response' } });
      expect(kept.proxy_server_request).toMatchObject({ metadata: { name: '[redacted]' } });
      expect(JSON.stringify(kept.response)).toContain('my key is [redacted]');
    });

    test('a stream in the background is kept as its events, cut at the size that is set', async () => {
      const kept = await keptOf(await sendAway(target(), asking('long', { stream: true })));
      expect(kept.response).toMatch(/^data: .*… \[cut, \d+ bytes in all\]$/s);
      expect(kept.response.length).toBeLessThan(4_200);
    });

    test('a line of a batch is kept, one of a key that says no is not', async () => {
      const [owner, silent] = [await createKey(headrace), await silentKey()];
      const [[line = ''], [left = '']] = await Promise.all([
        runBatch(owner, [inputLine('l', asking('a line', { metadata: { name: 'Ann' } }))]),
        runBatch(silent, [inputLine('l', asking('a silent line'))]),
      ]);
      expect(await keptOf(line, owner)).toMatchObject({
        status: 200,
        messages: [{ content: 'a line' }],
        response: { choices: [{ message: { content: 'a line' } }] },
        proxy_server_request: { metadata: { name: '[redacted]' } },
      });
      expect((await get(headrace, `/spend/logs/ui/${left}`)).status).toBe(404);
    }, 60_000);

    test('a published job is kept, also where it is answered from the cache or refused', async () => {
      const cached = asking('published', { cache: { 'use-cache': true } });
      const kept = { status: 200, messages: [{ content: 'published' }], response: { choices: [{ message: { content: 'published' } }] } };
      const before = await storedEntries(headrace);
      expect(await keptOf(await publish(key, { id: 'one', body: cached }), key)).toMatchObject(kept);
      await untilEntries(headrace, before + 1);
      expect(await keptOf(await publish(key, { id: 'again', body: cached }), key)).toMatchObject(kept);
      expect(provider.requests.filter((request) => askedOf(request) === 'published').length).toBe(1);
      const refused = await keptOf(await publish(key, { id: 'refused', body: asking('published', { model: 'nobody' }) }));
      expect(refused).toMatchObject({
        status: 404,
        messages: [{ content: 'published' }],
        response: expect.stringMatching(/^\[model_not_found: /),
      });
    }, 60_000);

    test('a body that travels by reference is kept as far as it is to be', async () => {
      const kept = await keptOf(await sendAway(target(), asking('large '.repeat(120_000))));
      expect(kept).toMatchObject({ status: 200, messages: expect.stringMatching(/^\{.*large .*… \[cut, 720\d{3} bytes in all\]$/) });
    });

    test('a job or a key that says so is left out, also where it ends without a worker', async () => {
      const silent = await silentKey();
      const left = [
        await sendAway(target(silent), asking('left out')),
        await publish(silent, { id: 'left', body: asking('left out') }),
        await publish(silent, { id: 'refused', body: asking('left out', { model: 'nobody' }) }),
        await publish(key, { id: 'no-log', body: asking('left out', { 'no-log': true }) }),
        await publish(key, { id: 'by-header', body: asking('left out'), headers: { 'x-litellm-enable-message-redaction': 'true' } }),
      ];
      await awaitJob(target(silent), left[0] ?? '');
      await keptOf(await sendAway(target(), asking('the last one')));
      for (const id of left) expect((await get(headrace, `/spend/logs/ui/${id}`)).status).toBe(404);
    });
  });

  describe('what a guardrail hid or blocked', () => {
    const restored = /^\[not kept: \d+ bytes, in which a guardrail put back what it had hidden\]$/;
    const blocked = expect.stringMatching(/^\[guardrail_blocked: /);
    const inBackground = (guardrails: readonly string[], content: string) =>
      sendAway({ url: headrace.url, key }, { model: 'm', messages: [{ role: 'user', content }], guardrails });

    test('is not in the table in clear, of requests and of jobs', async () => {
      const text = 'to jane.roe@hidden.example';
      for (const id of [await ask(key, text, { guardrails: ['mask'] }), await inBackground(['mask'], text)]) {
        const kept = await keptOf(id);
        expect(kept).toMatchObject({
          messages: [{ content: 'to <EMAIL_ADDRESS>' }],
          response: { choices: [{ message: { content: 'to <EMAIL_ADDRESS>' } }] },
        });
        expect(JSON.stringify(kept)).not.toContain('jane.roe');
      }
      for (const id of [await ask(key, text, { guardrails: ['restore'] }), await inBackground(['restore'], text)]) {
        expect(await keptOf(id)).toMatchObject({
          messages: [{ content: 'to <EMAIL_ADDRESS_1>' }],
          response: expect.stringMatching(restored),
        });
      }
    });

    test('is told by the error alone', async () => {
      const client = await createQueueClient({ owner: ownerOfKey(key), connection: { bus } });
      const body = { model: 'm', messages: [{ role: 'user', content: 'forbidden' }], guardrails: ['block'] };
      await client.submit({ group: 'blocked', id: 'one', body });
      const jobs = [jobIdOf(ownerOfKey(key), { group: 'blocked', id: 'one' }), await inBackground(['beside'], 'frowned at')];
      for (const id of jobs) {
        expect(await keptOf(id)).toMatchObject({
          status: 400,
          proxy_server_request: '[not kept: a guardrail blocked it]',
          response: blocked,
        });
      }
    });
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
