import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { HumanMessage, ToolMessage } from '@langchain/core/messages';
import { tool as langchainTool } from '@langchain/core/tools';
import { ChatOpenAI, OpenAIEmbeddings } from '@langchain/openai';
import { generateText, Output, stepCountIs, streamText, tool } from 'ai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type RunningHeadrace, startHeadrace } from '#testing';
import { createKey } from '../support/books.ts';

/** What agents are built with: the AI SDK by both of its formats, and LangChain. Nothing is set but the address and the key. */
let headrace: RunningHeadrace;
let key: string;

beforeAll(async () => {
  headrace = await startHeadrace();
  key = await createKey(headrace);
});
afterAll(() => headrace.stop());

const MODELS = {
  'openai-compatible': () =>
    createOpenAICompatible({
      name: 'headrace',
      baseURL: `${headrace.url}/v1`,
      apiKey: key,
      includeUsage: true,
      supportsStructuredOutputs: true,
    }),
  anthropic: () => createAnthropic({ baseURL: `${headrace.url}/v1`, apiKey: key }),
} as const;

describe.each(Object.entries(MODELS))('the AI SDK with its %s adapter', (_name, open) => {
  test('generates text with its usage', async () => {
    const answer = await generateText({ model: open()('sandbox/echo'), prompt: 'Hello there', maxRetries: 0 });
    expect(answer).toMatchObject({ text: 'You said: Hello there', finishReason: 'stop' });
    expect(answer.usage).toMatchObject({ inputTokens: 2, outputTokens: 5 });
  });

  test('streams text to its end', async () => {
    const answer = streamText({ model: open()('sandbox/echo'), prompt: 'Hello there', maxRetries: 0 });
    const pieces: string[] = [];
    for await (const piece of answer.textStream) pieces.push(piece);
    expect(pieces.join('')).toBe('You said: Hello there');
    expect(pieces.length).toBeGreaterThan(2);
    expect(await answer.finishReason).toBe('stop');
    expect(await answer.usage).toMatchObject({ inputTokens: 2, outputTokens: 5 });
  });

  test('runs a tool loop', async () => {
    const seen: unknown[] = [];
    const add = tool({
      description: 'Adds two numbers',
      inputSchema: z.object({ a: z.number(), b: z.number() }),
      execute: (input) => {
        seen.push(input);
        return 'the sum is known';
      },
    });
    const answer = await generateText({
      model: open()('sandbox/tools'),
      prompt: 'Add them',
      tools: { add },
      stopWhen: stepCountIs(3),
      maxRetries: 0,
    });
    expect(seen.length).toBeGreaterThan(0);
    expect(seen[0]).toMatchObject({ a: expect.any(Number), b: expect.any(Number) });
    expect(answer.text).not.toBe('');
  });

  test('generates an object that fits a schema', async () => {
    const schema = z.object({ city: z.string(), days: z.number().int() });
    const { output } = await generateText({
      model: open()('sandbox/echo'),
      output: Output.object({ schema }),
      prompt: 'A trip',
      maxRetries: 0,
    });
    expect(schema.safeParse(output).success).toBe(true);
  });

  test('is told of a stream that breaks', async () => {
    const errors: unknown[] = [];
    const answer = streamText({
      model: open()('sandbox/truncate-50'),
      prompt: 'Hello there',
      maxRetries: 0,
      onError: ({ error }) => void errors.push(error),
    });
    const parts: string[] = [];
    for await (const part of answer.fullStream) parts.push(part.type);
    expect(parts).toContain('error');
    expect(errors).toHaveLength(1);
    expect(JSON.stringify(errors[0]) + String(errors[0])).toMatch(/ended its stream|upstream_truncated|api_error/);
  });

  test('is told of a wrong model', async () => {
    await expect(generateText({ model: open()('nobody/nothing'), prompt: 'Hi', maxRetries: 0 })).rejects.toThrow(/does not exist/);
  });
});

describe('LangChain', () => {
  const chat = (model: string) =>
    new ChatOpenAI({ model, apiKey: key, maxRetries: 0, streamUsage: true, configuration: { baseURL: `${headrace.url}/v1` } });

  test('invokes and streams', async () => {
    const answer = await chat('sandbox/echo').invoke([new HumanMessage('Hello there')]);
    expect(answer.text).toBe('You said: Hello there');
    expect(answer.usage_metadata).toMatchObject({ input_tokens: 2, output_tokens: 5 });
    const pieces: string[] = [];
    for await (const piece of await chat('sandbox/echo').stream([new HumanMessage('Hello there')])) pieces.push(piece.text);
    expect(pieces.join('')).toBe('You said: Hello there');
  });

  test('binds tools and gives their results back', async () => {
    const add = langchainTool(() => 'the sum is known', {
      name: 'add',
      description: 'Adds two numbers',
      schema: z.object({ a: z.number(), b: z.number() }),
    });
    const model = chat('sandbox/tools').bindTools([add]);
    const question = new HumanMessage('Add them');
    const answer = await model.invoke([question]);
    const [call] = answer.tool_calls ?? [];
    expect(call).toMatchObject({ name: 'add', args: { a: expect.any(Number), b: expect.any(Number) } });
    const result = new ToolMessage({ content: 'the sum is known', tool_call_id: call?.id ?? '' });
    const last = await model.invoke([question, answer, result]);
    expect(last.text).not.toBe('');
  });

  test('gives structured output', async () => {
    const schema = z.object({ city: z.string(), days: z.number().int() });
    const answer = await chat('sandbox/echo').withStructuredOutput(schema, { name: 'trip', method: 'jsonSchema' }).invoke('A trip');
    expect(schema.safeParse(answer).success).toBe(true);
  });

  test('embeds documents', async () => {
    const embeddings = new OpenAIEmbeddings({
      model: 'sandbox/embed',
      apiKey: key,
      maxRetries: 0,
      configuration: { baseURL: `${headrace.url}/v1` },
    });
    const vectors = await embeddings.embedDocuments(['one', 'two']);
    expect(vectors).toHaveLength(2);
    expect(vectors[0]).not.toEqual(vectors[1]);
  });
});
