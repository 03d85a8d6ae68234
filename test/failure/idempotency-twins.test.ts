import type http from 'node:http';
import { describe, expect, test } from 'vitest';
import { waitFor } from '#testing';
import { createKey } from '../support/books.ts';
import { chat, type ChatCall, readStream, startChat } from '../support/chat-client.ts';
import { answerWhole, holdCalls, writeChunk } from '../support/openai-answers.ts';
import { useTwoIngresses } from '../support/two-ingresses.ts';

/** Identical requests of one key at the same time are one call, where their group or their header says so. */
const { first, pair, second } = useTwoIngresses({
  model: 'twins',
  settings: 'headrace: { model_groups: { twins: { single_flight: true } } }',
});

describe('identical requests at the same time', () => {
  const twin = (content: string) => ({ model: 'twins', messages: [{ role: 'user', content }] });

  test('are one call where their group says so, at both ingresses, and a new one afterwards', async () => {
    const streams: http.ServerResponse[] = [];
    pair.answering = (_request, response) => {
      streams.push(response);
      writeChunk(response, { content: `${pair.asked.at(-1)} ` });
    };
    const calls = [first, second, first, second, first, second].map((target) => startChat(target, { ...twin('a'), stream: true }));
    const differs = startChat(first, { ...twin('b'), stream: true });
    // whoever has a head is part of it
    const heads = await Promise.all([...calls, differs].map((call) => call.head));
    for (const stream of streams) {
      writeChunk(stream, { content: 'for all' }, 'stop');
      stream.end('data: [DONE]\n\n');
    }
    for (const call of calls) expect(readStream((await call.answer).text)).toMatchObject({ text: 'a for all', done: true });
    expect(readStream((await differs.answer).text).text).toBe('b for all');
    expect(heads.filter(({ headers }) => headers['x-headrace-single-flight'] === 'follower')).toHaveLength(5);
    expect(new Set(heads.map(({ headers }) => headers['x-headrace-job-id'])).size).toBe(2);
    expect(pair.asked.toSorted()).toEqual(['a', 'b']);
    pair.answering = (_request, response) => answerWhole(response, 'again');
    expect((await chat(second, twin('a'))).text).toContain('again');
  });

  test('of two keys are two calls, and so are those that ask for a call of their own', async () => {
    const held = holdCalls();
    pair.answering = held.answer;
    const other = { ...first, key: await createKey(pair.headrace) };
    const calls = [chat(first, twin('a')), chat(other, twin('a')), chat(first, twin('a'), { 'x-headrace-single-flight': '0' })];
    await waitFor(() => held.started() === 3, { what: 'a call of each' });
    held.go('x');
    expect((await Promise.all(calls)).every((answer) => answer.headers['x-headrace-single-flight'] === undefined)).toBe(true);
  });

  test('fail alike when the call fails', async () => {
    let stream: http.ServerResponse | undefined;
    pair.answering = (_body, response) => {
      stream = response;
      writeChunk(response, { content: 'one ' });
    };
    const calls = [first, second, first].map((target) => startChat(target, { ...twin('a'), stream: true }));
    await Promise.all(calls.map((call) => call.head));
    stream?.destroy();
    const readings = await Promise.all(calls.map(async (call) => readStream((await call.answer).text)));
    for (const reading of readings) expect(reading).toMatchObject({ text: 'one ', done: false, error: readings[0]?.error });
    expect(readings[0]?.error).toBeDefined();
    expect(pair.asked).toHaveLength(1);
  });

  test('go on when the first of them leaves, and end when all have left', async () => {
    let stream: http.ServerResponse | undefined;
    pair.answering = (_body, response) => {
      stream = response;
      writeChunk(response, { content: 'one ' });
    };
    const before = pair.provider.aborted;
    const start = (content: string) => startChat(first, { ...twin(content), stream: true });
    const [leader, follower, third] = [start('a'), start('a'), start('a')];
    await Promise.all([leader, follower, third].map((call) => call.head));
    for (const call of [leader, follower]) leave(call);
    if (stream === undefined) throw new Error('the provider was not called');
    writeChunk(stream, { content: 'two' }, 'stop');
    stream.end('data: [DONE]\n\n');
    expect(readStream((await third.answer).text)).toMatchObject({ text: 'one two', done: true });
    expect(pair.provider.aborted).toBe(before);
    const all = [start('b'), start('b')];
    await Promise.all(all.map((call) => call.head));
    for (const call of all) leave(call);
    await waitFor(() => pair.provider.aborted === before + 1, { what: 'the call to be aborted' });
    expect(pair.asked).toHaveLength(2);
  });
});

function leave(call: ChatCall): void {
  void call.head.then((head) => head.on('error', () => undefined));
  call.abort();
}
