import type http from 'node:http';
import { afterEach, beforeAll, afterAll, describe, expect, test } from 'vitest';
import { type RunningHeadrace, startHeadrace, waitFor } from '#testing';
import { chat } from '../support/chat-client.ts';
import { type ScriptedProvider, startScriptedProvider } from '../support/scripted-provider.ts';

/** The choice among deployments, from the configuration to the provider that is called. */
let fast: ScriptedProvider;
let slow: ScriptedProvider;
let headrace: RunningHeadrace | undefined;

const COMPLETION = JSON.stringify({
  id: 'x',
  object: 'chat.completion',
  choices: [{ index: 0, message: { role: 'assistant', content: 'hi' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 10, completion_tokens: 2, total_tokens: 12 },
});
const answerAfter = (delayMs: number) => (_request: unknown, response: http.ServerResponse) =>
  void setTimeout(() => response.writeHead(200, { 'content-type': 'application/json' }).end(COMPLETION), delayMs);

beforeAll(async () => {
  [fast, slow] = await Promise.all([startScriptedProvider(answerAfter(20)), startScriptedProvider(answerAfter(300))]);
});
afterEach(async () => {
  await headrace?.stop();
  headrace = undefined;
});
afterAll(() => {
  fast.close();
  slow.close();
});

/** An entry of the configuration. */
function deployment(group: string, id: string, { url }: ScriptedProvider, more = ''): string {
  return `  - { model_name: ${group}, litellm_params: { model: openai/m, api_base: "${url}", api_key: sk-x${more} }, model_info: { id: ${id} } }\n`;
}

function start(
  settings: string,
  entries = deployment('group', 'slow', slow) + deployment('group', 'fast', fast),
): Promise<RunningHeadrace> {
  return startHeadrace({ config: `model_list:\n${entries}${settings}` });
}

interface Asked {
  readonly status: number;
  readonly deployment: string;
  readonly text: string;
}

async function ask(fields: object = {}, headers: Readonly<Record<string, string>> = {}): Promise<Asked> {
  if (!headrace) throw new Error('not started');
  const body = { model: 'group', messages: [{ role: 'user', content: 'Hello' }], ...fields };
  const answer = await chat({ url: headrace.url, key: headrace.masterKey }, body, headers);
  return { status: answer.status, deployment: String(answer.headers['x-headrace-deployment']), text: answer.text };
}

async function share(id: string, count: number, run: () => Promise<Asked>): Promise<number> {
  let hits = 0;
  for (let at = 0; at < count; at += 1) if ((await run()).deployment === id) hits += 1;
  return hits / count;
}

describe('a group of a fast and a slow deployment', () => {
  test('latency-based-routing goes to the fast one once both have been measured', async () => {
    headrace = await start('router_settings: { routing_strategy: latency-based-routing }\n');
    // the workers' statuses come four times a second
    await waitFor(async () => (await share('fast', 3, ask)) === 1, { what: 'both to have been measured', timeoutMs: 15_000 });
    // a pause of the whole machine makes one call of the fast one slow, and the next goes to the other
    expect(await share('fast', 30, ask)).toBeGreaterThan(0.8);
  });

  test('least-busy gives both as many calls at a time, and so the fast one more', async () => {
    headrace = await start('router_settings: { routing_strategy: least-busy }\n');
    const before = [fast.requests.length, slow.requests.length] as const;
    const client = async () => {
      for (let turn = 0; turn < 8; turn += 1) expect((await ask()).status).toBe(200);
    };
    await Promise.all(Array.from({ length: 12 }, client));
    const [toFast, toSlow] = [fast.requests.length - before[0], slow.requests.length - before[1]];
    expect(toFast + toSlow).toBe(96);
    expect(toFast / toSlow).toBeGreaterThan(2);
  });

  test('a lower order goes first though it is slow; tags decide; a session stays where it began', async () => {
    headrace = await start(
      'router_settings: { enable_tag_filtering: true }\nheadrace: { routing: { affinity: session } }\n',
      [
        deployment('group', 'slow', slow) + deployment('group', 'fast', fast),
        deployment('ordered', 'first', slow, ', order: 1') + deployment('ordered', 'second', fast, ', order: 2'),
        deployment('tagged', 'cheap', slow, ', tags: [cheap]') + deployment('tagged', 'premium', fast, ', tags: [premium]'),
      ].join(''),
    );
    expect(await share('first', 5, () => ask({ model: 'ordered' }))).toBe(1);

    expect(await share('premium', 5, () => ask({ model: 'tagged', metadata: { tags: ['premium'] } }))).toBe(1);
    expect(await share('cheap', 5, () => ask({ model: 'tagged' }, { 'x-litellm-tags': 'cheap' }))).toBe(1);
    const refused = await ask({ model: 'tagged' }, { 'x-litellm-tags': 'unheard-of' });
    expect(refused.status).toBe(403);
    expect(JSON.parse(refused.text)).toMatchObject({ error: { type: 'key_model_access_denied' } });

    const homes = new Set<string>();
    for (let session = 0; session < 12; session += 1) {
      const inSession = () => ask({}, { 'x-headrace-session': `session-${session}` });
      const home = (await inSession()).deployment;
      homes.add(home);
      expect(await share(home, 3, inSession)).toBe(1);
    }
    expect(homes).toEqual(new Set(['fast', 'slow']));
  });

  test('a strategy that does not exist keeps the product from starting, with what was meant', async () => {
    await expect(start('router_settings: { routing_strategy: latency-based-rooting }\n')).rejects.toThrow(
      /did you mean "latency-based-routing"/,
    );
  });
});
