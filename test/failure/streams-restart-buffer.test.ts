import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { waitFor } from '#testing';
import { awaitRows, createKey } from '../support/books.ts';
import { chat, readStream, startChat } from '../support/chat-client.ts';
import { type FailingHeadrace, startFailingHeadrace } from '../support/failing-headrace.ts';
import { TOKENS, WHOLE_TEXT } from '../support/failing-model.ts';

/** `restart`: the answer begins anew after a reset event. `buffer`: it arrives whole or not at all. */
let failing: FailingHeadrace;
let headrace: FailingHeadrace['headrace'];
let target: FailingHeadrace['target'];

beforeAll(async () => {
  failing = await startFailingHeadrace(`
  streams: { keep_alive_s: 0.5, buffer_mb: 0.05, hold_back_ms: 50 }
  model_groups: { "reset@21,anew": { stream_on_failure: buffer } }
`);
  ({ headrace, target } = failing);
});
afterAll(() => failing?.stop());

const request = (model: string, change: object = {}) => ({
  model,
  stream: true,
  messages: [{ role: 'user', content: `go ${JSON.stringify(change)}` }],
  ...change,
});
const rowsOf = (jobId: unknown, count: number) => awaitRows(headrace, jobId, count);

/** What follows the reset event. */
const afterReset = (text: string): string => text.slice(text.indexOf('event: headrace.restart')).split('\n\n').slice(1).join('\n\n');

describe('restart', () => {
  const RESTART = { 'x-headrace-stream-on-failure': 'restart' };

  test.each(['reset@20', 'stall@20', 'close@100', 'tool@0'])('%s: after the reset event the client has the whole answer', async (fault) => {
    const deadline = { ...RESTART, 'x-headrace-deadline-ms': '20000' };
    const tools = [{ type: 'function', function: { name: 'weather', parameters: { type: 'object' } } }];
    const call = startChat(target, request(`${fault},anew`, { tools }), deadline);
    if (fault.startsWith('stall')) {
      await waitFor(async () => (await call.head).socket.bytesRead > 2_000, { what: 'the first tokens' });
      await headrace.kill('worker');
    }
    const answer = await call.answer;
    expect(answer.text.match(/event: headrace\.restart/g)).toHaveLength(1);
    const reset = /event: headrace\.restart\ndata: (.*)/.exec(answer.text)?.[1];
    expect(JSON.parse(reset ?? '')).toMatchObject({ type: 'headrace.restart', attempt: 2, choices: [] });
    expect(readStream(afterReset(answer.text))).toMatchObject({ text: WHOLE_TEXT, done: true, finishReason: 'stop', error: undefined });
    const rows = await rowsOf(answer.headers['x-headrace-job-id'], 2);
    expect(rows.map((row) => row.headrace.status)).toEqual([fault.startsWith('stall') ? 'lost' : 'failure', 'success']);
  });

  test('the reset event is a chunk without choices to OpenAI’s SDK', async () => {
    const client = new OpenAI({ baseURL: `${headrace.url}/v1`, apiKey: target.key, maxRetries: 0, defaultHeaders: RESTART });
    const stream = await client.chat.completions.create({
      model: 'reset@5,anew',
      messages: [{ role: 'user', content: 'sdk' }],
      stream: true,
    });
    let text = '';
    for await (const chunk of stream) {
      if ('type' in chunk && chunk.type === 'headrace.restart') text = '';
      text += chunk.choices[0]?.delta.content ?? '';
    }
    expect(text).toBe(WHOLE_TEXT);
  });

  test('when no attempt is left the stream ends with an error event', async () => {
    const answer = await chat(target, request('reset@3,again'), RESTART);
    expect(readStream(afterReset(answer.text))).toMatchObject({
      text: TOKENS.slice(0, 3).join(''),
      done: false,
      error: { code: 'upstream_truncated' },
    });
    await rowsOf(answer.headers['x-headrace-job-id'], 2);
  });
});

describe('buffer', () => {
  const BUFFER = { 'x-headrace-stream-on-failure': 'buffer' };

  test.each(['reset@20', 'close@100', 'tool@0', 'error-event@50'])(
    '%s: the client sees nothing of the attempt that failed',
    async (fault) => {
      const answer = await chat(target, request(`${fault},anew`, { user: 'b' }), BUFFER);
      expect(readStream(answer.text)).toMatchObject({ text: WHOLE_TEXT, done: true, finishReason: 'stop', error: undefined });
      const rows = await rowsOf(answer.headers['x-headrace-job-id'], 2);
      expect(rows.map((row) => row.headrace.status)).toEqual(['failure', 'success']);
    },
  );

  test('half of a tool call never arrives', async () => {
    const answer = await chat(target, request('tool@0,again', { user: 'c' }), BUFFER);
    expect(answer.text).not.toContain('Par');
    // an error status when all attempts were over before the head was due, else an event
    const code = answer.status === 200 ? readStream(answer.text).error?.code : JSON.parse(answer.text).error.code;
    expect(code).toBe('upstream_truncated');
  });

  test('comments keep the connection alive meanwhile', async () => {
    const answer = await chat(target, request('stall@5,anew'), { ...BUFFER, 'x-headrace-deadline-ms': '2500' });
    expect(answer.text.match(/^: keep-alive$/gm)?.length).toBeGreaterThanOrEqual(2);
    expect(readStream(answer.text.replaceAll(': keep-alive\n\n', ''))).toMatchObject({ text: '', error: { code: 'upstream_timeout' } });
  });

  test('an answer above the limit is refused, not shown in part', async () => {
    const answer = await chat(target, request('stall@600,anew'), {
      ...BUFFER,
      'x-headrace-deadline-ms': '15000',
    });
    expect(answer.text).not.toContain('word1');
    expect(answer.text).toContain('larger than a buffered stream may be');
  });

  test('a worker that dies in the middle costs time only', async () => {
    const call = startChat(target, request('stall@40,anew', { user: 'kill' }), { ...BUFFER, 'x-headrace-deadline-ms': '20000' });
    await call.head;
    await headrace.kill('worker');
    const answer = await call.answer;
    expect(readStream(answer.text.replaceAll(': keep-alive\n\n', ''))).toMatchObject({ text: WHOLE_TEXT, done: true, error: undefined });
  });

  test('is what a model group can ask for, and a key', async () => {
    const ofGroup = await chat(target, request('reset@21,anew'));
    expect(readStream(ofGroup.text)).toMatchObject({ text: WHOLE_TEXT, done: true });
    const key = await createKey(headrace, { metadata: { headrace_stream_on_failure: 'buffer' } });
    const ofKey = await chat({ ...target, key }, request('reset@22,anew'));
    expect(readStream(ofKey.text)).toMatchObject({ text: WHOLE_TEXT, done: true });
  });
});
