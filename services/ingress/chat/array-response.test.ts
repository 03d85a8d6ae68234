import { describe, expect, it } from 'vitest';
import { GatewayError, type HeadMeta } from '#contracts';
import { asJsonArray } from './array-response.ts';
import type { ClientResponse } from './client-response.ts';

const EVENTS: HeadMeta = { status: 200, headers: { 'content-type': 'text/event-stream; charset=utf-8', 'x-a': '1' } };
const ERROR = new GatewayError('upstream_truncated', 'cut');

function open() {
  const seen = { head: undefined as HeadMeta | undefined, text: '', ended: false, failed: undefined as GatewayError | undefined };
  const response: ClientResponse = {
    get headSent() {
      return seen.head !== undefined;
    },
    over: false,
    backedUp: false,
    status: 200,
    head: (head) => void (seen.head = head),
    write: (bytes) => void (seen.text += Buffer.from(bytes).toString()),
    end: (head, bytes) => {
      seen.head ??= head;
      seen.text += Buffer.from(bytes ?? []).toString();
      seen.ended = true;
    },
    fail: (error) => void (seen.failed = error),
  };
  return { seen, response: asJsonArray(response, 'gemini-generate') };
}

const event = (text: string): Buffer => Buffer.from(`data: ${text}\n\n`);

describe('a stream that is asked for as a JSON array', () => {
  it('is one, piece by piece', () => {
    const { seen, response } = open();
    response.head(EVENTS);
    expect(seen.head?.headers).toEqual({ 'content-type': 'application/json; charset=utf-8', 'x-a': '1' });
    response.write(event('{"a":1}'));
    expect(seen.text).toBe('[{"a":1}');
    response.end(undefined, event('{"b":2}'));
    expect(JSON.parse(seen.text)).toEqual([{ a: 1 }, { b: 2 }]);
  });

  it('is one when all of it comes at once', () => {
    const { seen, response } = open();
    response.end(EVENTS, event('{"a":1}'));
    expect(seen).toMatchObject({
      head: { headers: { 'content-type': 'application/json; charset=utf-8' } },
      text: '[{"a":1}]',
      ended: true,
    });
  });

  it('ends with the error when it fails on the way', () => {
    const { seen, response } = open();
    response.head(EVENTS);
    response.write(event('{"a":1}'));
    response.fail(ERROR, undefined);
    expect(JSON.parse(seen.text)).toMatchObject([{ a: 1 }, { error: { code: 502, message: 'cut' } }]);
    expect(seen).toMatchObject({ ended: true, failed: undefined });
  });

  it('leaves errors before it, and answers that are no stream, as they are', () => {
    const failed = open();
    failed.response.fail(ERROR, undefined);
    expect(failed.seen).toMatchObject({ failed: ERROR, text: '' });
    const whole = open();
    whole.response.end({ status: 200, headers: { 'content-type': 'application/json' } }, Buffer.from('{"a":1}'));
    expect(whole.seen.text).toBe('{"a":1}');
  });
});
