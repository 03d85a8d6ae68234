import { setImmediate as turn } from 'node:timers/promises';
import { beforeEach, describe, expect, test } from 'vitest';
import { createOutbox, type Outbox } from './outbox.ts';

let sent: string[];
let warnings: number;
let closed: boolean;
let outbox: Outbox;

beforeEach(() => {
  sent = [];
  warnings = 0;
  closed = false;
  const publishOnConnection = (subject: string): void => {
    if (subject === 'refused') throw new Error('too large');
    sent.push(subject);
  };
  outbox = createOutbox({ publish: publishOnConnection, isClosed: () => closed }, { warn: () => (warnings += 1) });
});

const publish = (subject: string): void => outbox.publish(subject, new Uint8Array(0));

test('messages of one turn leave together at its end, in order', async () => {
  publish('a');
  await Promise.resolve();
  publish('b');
  expect(sent).toEqual([]);
  await turn();
  expect(sent).toEqual(['a', 'b']);
});

test('a message that the connection refuses does not hold up those behind it', async () => {
  publish('refused');
  publish('a');
  await turn();
  expect(sent).toEqual(['a']);
  expect(warnings).toBe(1);
});

test('a flush sends at once, and nothing twice', async () => {
  publish('a');
  outbox.flush();
  publish('b');
  expect(sent).toEqual(['a']);
  await turn();
  expect(sent).toEqual(['a', 'b']);
});

describe('a departure', () => {
  const waitForDeparture = (): void => void outbox.departure().then(() => sent.push('departed'));

  test('comes behind all that was published before it', async () => {
    publish('a');
    waitForDeparture();
    publish('b');
    waitForDeparture();
    await Promise.resolve();
    expect(sent).toEqual([]);
    await turn();
    expect(sent).toEqual(['a', 'b', 'departed', 'departed']);
  });

  test('is at once when nothing waits', async () => {
    waitForDeparture();
    await Promise.resolve();
    expect(sent).toEqual(['departed']);
  });

  test('comes on a closed connection too: nobody waits for ever', async () => {
    publish('a');
    waitForDeparture();
    closed = true;
    await turn();
    expect(sent).toEqual(['departed']);
  });
});
