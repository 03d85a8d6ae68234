import { describe, expect, test } from 'vitest';
import { type AnswerEvent, GatewayError } from '#contracts';
import type { ClientResponse } from '../chat/client-response.ts';
import { AnswerTape, type AnswerTapeOptions } from './answer-tape.ts';
import { readTape } from './read-tape.ts';

/** A client that takes what it is given until it is told to be full. */
class Client implements ClientResponse {
  headSent = false;
  over = false;
  backedUp = false;
  status = 0;
  seen: string[] = [];
  code: string | undefined;
  onDrain: () => void = () => undefined;
  onGone: () => void = () => undefined;

  head({ status }: { status: number }): void {
    this.status = status;
    this.seen.push(`head ${status}`);
  }
  write(bytes: Uint8Array): void {
    this.seen.push(Buffer.from(bytes).toString());
  }
  end(_head: unknown, bytes: Uint8Array | undefined): void {
    this.seen.push(`end ${Buffer.from(bytes ?? []).toString()}`);
  }
  fail(error: GatewayError): void {
    this.seen.push(`fail ${error.code}`);
  }
}

function attach(tape: AnswerTape): Client {
  const client = new Client();
  readTape(tape, {
    open: (on) => Object.assign(client, on),
    onOver: (_response, code) => (client.code = code ?? 'whole'),
  });
  return client;
}

function tapeOf(options: Partial<AnswerTapeOptions> = {}): AnswerTape {
  return new AnswerTape({ job: 'job_1', limitBytes: 10_000, ...options });
}

const HEAD = { status: 200, headers: { 'content-type': 'text/event-stream' } };
const bytes = (text: string): Uint8Array => Buffer.from(text);

test('whoever comes reads the answer from its start, then what comes, each to the end', () => {
  const tape = tapeOf();
  const early = attach(tape);
  tape.head(HEAD);
  tape.write(bytes('a'));
  const late = attach(tape);
  tape.write(bytes('b'));
  tape.end(undefined, bytes('c'));
  const last = attach(tape);
  for (const client of [early, late, last]) {
    expect(client.seen).toEqual(['head 200', 'a', 'b', 'end c']);
    expect(client.code).toBe('whole');
  }
});

test('bytes are its own: the worker’s buffer may be used again', () => {
  const tape = tapeOf();
  const buffer = Buffer.from('a');
  tape.write(buffer);
  buffer.write('x');
  expect(attach(tape).seen).toEqual(['a']);
});

test('a slow client is given no more than it takes, and the others do not wait for it', () => {
  const tape = tapeOf();
  const [slow, fast] = [attach(tape), attach(tape)];
  slow.backedUp = true;
  tape.write(bytes('a'));
  tape.end(undefined, undefined);
  expect([slow.seen, fast.seen]).toEqual([[], ['a', 'end ']]);
  slow.backedUp = false;
  slow.onDrain();
  expect(slow.seen).toEqual(['a', 'end ']);
});

test('a failure reaches all, and who comes behind it', () => {
  const tape = tapeOf();
  const client = attach(tape);
  tape.write(bytes('a'));
  tape.fail(new GatewayError('upstream_error', 'x'));
  expect(client.seen).toEqual(['a', 'fail upstream_error']);
  expect(client.code).toBe('upstream_error');
  expect(attach(tape).seen).toEqual(['a', 'fail upstream_error']);
});

test('the end waits until it is stored, whole', async () => {
  const stored = Promise.withResolvers<void>();
  let kept: readonly AnswerEvent[] | undefined;
  const tape = tapeOf({
    beforeEnd: (whole) => {
      kept = whole;
      return stored.promise;
    },
  });
  const client = attach(tape);
  tape.end({ status: 200, headers: {} }, bytes('answer'));
  expect(tape).toMatchObject({ over: true, status: 200 });
  expect(kept).toEqual([{ kind: 'end', head: { status: 200, headers: {} }, bytes: Buffer.from('answer') }]);
  expect(client.seen).toEqual([]);
  stored.resolve();
  await stored.promise;
  await Promise.resolve();
  expect(client.seen).toEqual(['end answer']);
});

describe('an answer above the limit', () => {
  test('goes on to the clients it has, is not kept, and nobody can join it', () => {
    let whole: readonly AnswerEvent[] | undefined = [];
    const tape = tapeOf({ limitBytes: 1_000, beforeEnd: (events) => void (whole = events) });
    const client = attach(tape);
    for (let count = 0; count < 100; count += 1) tape.write(bytes(`piece ${count}`));
    expect(attach(tape).seen).toEqual(['fail conflict']);
    tape.end(undefined, undefined);
    expect(client.seen).toHaveLength(101);
    expect(client.seen.at(-2)).toBe('piece 99');
    expect(whole).toBeUndefined();
  });

  test('is held back for a client that does not take it, and goes on when it does', () => {
    let drained = 0;
    const tape = tapeOf({ limitBytes: 1_000, onDrain: () => (drained += 1) });
    const client = attach(tape);
    client.backedUp = true;
    for (let count = 0; count < 20; count += 1) tape.write(bytes('x'.repeat(50)));
    expect(tape.backedUp).toBe(true);
    client.backedUp = false;
    client.onDrain();
    expect(tape.backedUp).toBe(false);
    expect(drained).toBe(1);
  });
});

describe('a client that leaves', () => {
  test('is missed when it was the last one before the end, and not after it', () => {
    let alone = 0;
    const tape = tapeOf({ onAlone: () => (alone += 1) });
    const [one, other] = [attach(tape), attach(tape)];
    one.onGone();
    expect(alone).toBe(0);
    other.onGone();
    expect(alone).toBe(1);
    expect([one.code, other.code]).toEqual(['client_gone', 'client_gone']);
    attach(tape);
    tape.end(undefined, undefined);
    expect(alone).toBe(1);
  });
});
