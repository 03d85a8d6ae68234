import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createFinalResponseReader } from './final-response.ts';

const STREAM = readFileSync(new URL('../../../libs/dialects/openai-responses/stream-reasoning-tools.sse', import.meta.url));

function read(chunks: readonly Uint8Array[], isStream = true) {
  const reader = createFinalResponseReader(isStream);
  for (const chunk of chunks) reader.add(chunk);
  return reader.read();
}

describe('the final response of a stream', () => {
  test('is found wherever the stream is cut', () => {
    const whole = read([STREAM]);
    expect(whole).toMatchObject({ id: 'resp_5f1c', status: 'completed' });
    // some hosts leave the event's name to its data
    for (const bytes of [STREAM, Buffer.from(STREAM.toString().replaceAll(/^event: .*\n/gm, ''))]) {
      for (let cut = 1; cut < bytes.length; cut += 1) expect(read([bytes.subarray(0, cut), bytes.subarray(cut)])).toEqual(whole);
    }
  });

  test('is not there before its end', () => {
    const end = STREAM.indexOf('event: response.completed');
    expect(read([STREAM.subarray(0, end)])).toBeUndefined();
    expect(read([STREAM.subarray(0, STREAM.length - 30)])).toBeUndefined();
    expect(read([])).toBeUndefined();
  });

  test('is not taken from a text that speaks of it', () => {
    const delta = { type: 'response.output_text.delta', delta: 'data: {"type":"response.completed","response":{"id":"fake"}}' };
    expect(read([Buffer.from(`data: ${JSON.stringify(delta)}\n\n`)])).toBeUndefined();
    expect(read([Buffer.from(`data: ${JSON.stringify(delta)}\n\n`), STREAM])).toMatchObject({ id: 'resp_5f1c' });
  });

  test('is that of an incomplete one too', () => {
    const event = { type: 'response.incomplete', response: { id: 'resp_1' } };
    expect(read([Buffer.from(`event: response.incomplete\r\ndata: ${JSON.stringify(event)}\r\n\r\n`)])).toEqual({ id: 'resp_1' });
  });

  test('of more than 5 MB is not kept in memory', () => {
    const event = { type: 'response.completed', response: { id: 'resp_1', text: 'x'.repeat(6 * 1024 * 1024) } };
    expect(read([Buffer.from(`data: ${JSON.stringify(event)}\n\n`)])).toBeUndefined();
  });
});

test('an answer in one piece may come in several frames', () => {
  const body = Buffer.from('{"id":"resp_1","output":[]}');
  expect(read([body.subarray(0, 9), body.subarray(9)], false)).toEqual({ id: 'resp_1', output: [] });
  expect(read([Buffer.from('<html>')], false)).toBeUndefined();
});
