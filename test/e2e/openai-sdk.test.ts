import OpenAI from 'openai';
import { makeParseableResponseFormat } from 'openai/lib/parser';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningHeadrace, startHeadrace, waitFor } from '#testing';
import { createKey, ledgerRows, readMeter } from '../support/books.ts';

/** The stock `openai` package with nothing changed but `baseURL` and `apiKey`. */
let headrace: RunningHeadrace;
let client: OpenAI;

beforeAll(async () => {
  headrace = await startHeadrace();
  client = new OpenAI({ baseURL: `${headrace.url}/v1`, apiKey: await createKey(headrace), maxRetries: 0 });
});
afterAll(() => headrace.stop());

const HELLO = [{ role: 'user' as const, content: 'Hello there' }];
/** The sandbox takes instructions as a body field that the SDK does not know. */
const behave = (sandbox: object) => ({ sandbox }) as object;

describe('chat', () => {
  test('create answers', async () => {
    const answer = await client.chat.completions.create({ model: 'sandbox/echo', messages: HELLO });
    expect(answer.choices[0]).toMatchObject({ message: { role: 'assistant', content: 'You said: Hello there' }, finish_reason: 'stop' });
    expect(answer.usage).toMatchObject({ prompt_tokens: 2, completion_tokens: 5, total_tokens: 7 });
    expect(answer._request_id).toMatch(/^job_/);
  });

  test('withResponse shows the headers', async () => {
    const { data, response } = await client.chat.completions.create({ model: 'sandbox/echo', messages: HELLO }).withResponse();
    expect(data.object).toBe('chat.completion');
    expect(response.headers.get('x-headrace-cost-usd')).toBe('0.0000033');
  });

  test('for await reads a stream to its end', async () => {
    const stream = await client.chat.completions.create({ model: 'sandbox/echo', messages: HELLO, stream: true });
    let text = '';
    let finish: string | null = null;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? '';
      finish = chunk.choices[0]?.finish_reason ?? finish;
    }
    expect([text, finish]).toEqual(['You said: Hello there', 'stop']);
  });

  test('.stream() gives every piece and the final completion', async () => {
    const pieces: string[] = [];
    const runner = client.chat.completions.stream({ model: 'sandbox/echo', messages: HELLO }).on('content', (piece) => pieces.push(piece));
    const final = await runner.finalChatCompletion();
    expect(final.choices[0]?.message.content).toBe('You said: Hello there');
    expect(pieces.join('')).toBe('You said: Hello there');
    expect(pieces.length).toBeGreaterThan(2);
  });

  test('usage comes in a last chunk without choices when it is asked for', async () => {
    const stream = await client.chat.completions.create({
      model: 'sandbox/echo',
      messages: HELLO,
      stream: true,
      stream_options: { include_usage: true },
    });
    const chunks: OpenAI.Chat.ChatCompletionChunk[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { prompt_tokens: 2, completion_tokens: 5 } });
  });

  test('several choices arrive whole, in one piece and as a stream', async () => {
    const answer = await client.chat.completions.create({ model: 'sandbox/echo', messages: HELLO, n: 3 });
    const streamed = await client.chat.completions.stream({ model: 'sandbox/echo', messages: HELLO, n: 3 }).finalChatCompletion();
    for (const { choices } of [answer, streamed]) {
      expect(choices.map((choice) => choice.message.content)).toEqual(Array.from({ length: 3 }, () => 'You said: Hello there'));
    }
  });

  test('aborting a stream ends the call at the provider', async () => {
    const before = (await readMeter(headrace)).aborted;
    const { data: stream, response } = await client.chat.completions
      .create({ model: 'sandbox/echo', messages: HELLO, stream: true, ...behave({ tokens: 10_000, tokens_per_second: 50 }) })
      .withResponse();
    for await (const chunk of stream) if (chunk.choices[0]?.delta.content) stream.controller.abort();
    await waitFor(async () => (await readMeter(headrace)).aborted === before + 1, { what: 'the call to end at the provider' });
    const jobId = response.headers.get('x-headrace-job-id') ?? '';
    const rows = await waitFor(async () => found(await ledgerRows(headrace, jobId)), { what: 'the ledger row' });
    expect(rows).toMatchObject([{ headrace: { status: 'cancelled' } }]);
  });
});

function found<T>(rows: T[]): T[] | undefined {
  return rows.length > 0 ? rows : undefined;
}

const WEATHER_TOOL = {
  type: 'function' as const,
  function: {
    name: 'get_weather',
    description: 'Weather of a city',
    parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  },
};
const CLOCK_TOOL = { type: 'function' as const, function: { name: 'get_time', parameters: { type: 'object', properties: {} } } };

describe('tools', () => {
  test('a tool call has its name, its id and arguments that are JSON', async () => {
    const answer = await client.chat.completions.create({ model: 'sandbox/tools', messages: HELLO, tools: [WEATHER_TOOL] });
    const [call] = answer.choices[0]?.message.tool_calls ?? [];
    expect(answer.choices[0]?.finish_reason).toBe('tool_calls');
    expect(call).toMatchObject({ type: 'function', id: expect.stringMatching(/^call_/), function: { name: 'get_weather' } });
    expect(JSON.parse(call?.type === 'function' ? call.function.arguments : '')).toEqual({ city: expect.any(String) });
  });

  test('parallel calls of a stream are put together by their index', async () => {
    const final = await client.chat.completions
      .stream({
        model: 'sandbox/tools',
        messages: [{ role: 'user', content: 'use get_weather and get_time' }],
        tools: [WEATHER_TOOL, CLOCK_TOOL],
      })
      .finalChatCompletion();
    const calls = final.choices[0]?.message.tool_calls ?? [];
    expect(calls.map((call) => call.function.name)).toEqual(['get_weather', 'get_time']);
    expect(new Set(calls.map((call) => call.id)).size).toBe(2);
    for (const call of calls) expect(JSON.parse(call.function.arguments)).toBeTypeOf('object');
  });

  test.each([false, true])('runTools calls the function and hands its result back (stream: %s)', async (stream) => {
    const cities: unknown[] = [];
    const tool = {
      ...WEATHER_TOOL,
      function: {
        ...WEATHER_TOOL.function,
        parse: JSON.parse as (text: string) => { city: string },
        function: ({ city }: { city: string }) => {
          cities.push(city);
          return 'sunny';
        },
      },
    };
    const options = { model: 'sandbox/tools', messages: HELLO, tools: [tool] };
    const runner = stream ? client.chat.completions.runTools({ ...options, stream }) : client.chat.completions.runTools(options);
    expect(await runner.finalContent()).toBe('The tool said: sunny');
    expect(cities).toEqual([expect.any(String)]);
  });
});

const PERSON_SCHEMA = {
  type: 'object',
  properties: { name: { type: 'string' }, age: { type: 'integer' } },
  required: ['name', 'age'],
  additionalProperties: false,
};
const PERSON_FORMAT = { type: 'json_schema' as const, json_schema: { name: 'person', strict: true, schema: PERSON_SCHEMA } };

describe('JSON', () => {
  test('an answer follows its JSON schema', async () => {
    const answer = await client.chat.completions.create({ model: 'sandbox/echo', messages: HELLO, response_format: PERSON_FORMAT });
    expect(JSON.parse(answer.choices[0]?.message.content ?? '')).toEqual({ name: expect.any(String), age: expect.any(Number) });
  });

  test('parse() gives the parsed answer', async () => {
    const format = makeParseableResponseFormat(PERSON_FORMAT, (text) => JSON.parse(text) as { name: string; age: number });
    const answer = await client.chat.completions.parse({ model: 'sandbox/echo', messages: HELLO, response_format: format });
    expect(answer.choices[0]?.message.parsed).toEqual({ name: expect.any(String), age: expect.any(Number) });
  });

  test('json_object gives an object', async () => {
    const answer = await client.chat.completions.create({
      model: 'sandbox/json',
      messages: HELLO,
      response_format: { type: 'json_object' },
    });
    expect(JSON.parse(answer.choices[0]?.message.content ?? '')).toBeTypeOf('object');
  });
});

describe('models', () => {
  test('list and retrieve', async () => {
    const ids: string[] = [];
    for await (const model of client.models.list()) ids.push(model.id);
    expect(ids).toContain('sandbox/echo');
    expect(await client.models.retrieve('sandbox/echo')).toMatchObject({ id: 'sandbox/echo', object: 'model' });
    await expect(client.models.retrieve('gpt-none')).rejects.toBeInstanceOf(OpenAI.NotFoundError);
  });
});
