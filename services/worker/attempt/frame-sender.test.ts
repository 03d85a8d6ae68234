import { beforeEach, describe, expect, test } from 'vitest';
import { decodeFrame, FRAME, type Frame } from '#contracts';
import { createFrameSender, type FrameSender } from './frame-sender.ts';

let sent: Frame[];
let roomCalls: number;
let sender: FrameSender;

beforeEach(() => {
  sent = [];
  roomCalls = 0;
  sender = createFrameSender({
    attempt: 2,
    delivery: 1,
    publish: (bytes) => sent.push(decodeFrame(bytes)),
    onRoom: () => (roomCalls += 1),
  });
});

const send = (size: number): void => sender.send({ kind: FRAME.data, body: Buffer.alloc(size, 1) });
const seqs = (): number[] => sent.map((frame) => frame.seq);

describe('frames on their way', () => {
  test('are numbered from 0 and carry their attempt and delivery', () => {
    for (let i = 0; i < 3; i += 1) send(1);
    expect(seqs()).toEqual([0, 1, 2]);
    expect(sent[0]).toMatchObject({ attempt: 2, delivery: 1, kind: FRAME.data });
  });

  test('wait once 512 are unacknowledged, and go out in order as room comes', () => {
    for (let i = 0; i < 600; i += 1) send(1);
    expect(sent).toHaveLength(512);
    expect(sender.full).toBe(true);
    sender.acknowledge(49);
    expect(seqs()).toEqual(Array.from({ length: 562 }, (_, seq) => seq));
    sender.acknowledge(561);
    expect(seqs()).toEqual(Array.from({ length: 600 }, (_, seq) => seq));
    expect(sender.full).toBe(false);
  });

  test('wait once 256 KB are unacknowledged', () => {
    for (let i = 0; i < 10; i += 1) send(64 * 1024);
    expect(sent.length).toBeLessThan(6);
    expect(sender.full).toBe(true);
    for (let seq = 0; seq < 10; seq += 1) sender.acknowledge(seq);
    expect(seqs()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test('never overtake those that wait', () => {
    for (let i = 0; i < 5; i += 1) send(100 * 1024);
    send(1);
    sender.acknowledge(0);
    sender.acknowledge(1);
    sender.acknowledge(2);
    sender.acknowledge(3);
    expect(seqs()).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test('ask the reader to go on only when nothing waits any more', () => {
    for (let i = 0; i < 1_100; i += 1) send(1);
    sender.acknowledge(511);
    expect(roomCalls).toBe(0);
    sender.acknowledge(1_023);
    expect(roomCalls).toBe(1);
  });

  test('larger than a message may be are cut, and nothing of them is lost', () => {
    const body = Buffer.from(Array.from({ length: 700_000 }, (_, index) => index % 251));
    sender.send({ kind: FRAME.data, body });
    for (let seq = 0; seq < 5; seq += 1) sender.acknowledge(seq);
    expect(sent.length).toBeGreaterThan(1);
    for (const frame of sent) expect(frame.body.length).toBeLessThanOrEqual(256 * 1024);
    expect(Buffer.concat(sent.map((frame) => frame.body)).equals(body)).toBe(true);
  });
});

describe('a resend', () => {
  test('repeats what is unacknowledged from a number on, and nothing else', () => {
    for (let i = 0; i < 6; i += 1) send(1);
    sender.acknowledge(1);
    sent.length = 0;
    sender.resendFrom(0);
    expect(seqs()).toEqual([2, 3, 4, 5]);
    sent.length = 0;
    sender.resendFrom(4);
    expect(seqs()).toEqual([4, 5]);
  });

  test('does not send what still waits for room', () => {
    for (let i = 0; i < 520; i += 1) send(1);
    sent.length = 0;
    sender.resendFrom(510);
    expect(seqs()).toEqual([510, 511]);
  });

  test('repeats the same bytes', () => {
    const raw: Buffer[] = [];
    const twice = createFrameSender({ attempt: 1, delivery: 1, publish: (bytes) => raw.push(Buffer.from(bytes)), onRoom: () => undefined });
    twice.send({ kind: FRAME.final, meta: { upstreamMs: 5 }, body: Buffer.from('end') });
    twice.resendFrom(0);
    expect(raw[1]).toEqual(raw[0]);
  });

  test('after everything is acknowledged sends nothing', () => {
    send(1);
    sender.acknowledge(0);
    sent.length = 0;
    sender.resendFrom(0);
    expect(sent).toHaveLength(0);
  });

  test('a late ack of less than is known changes nothing', () => {
    for (let i = 0; i < 4; i += 1) send(1);
    sender.acknowledge(2);
    sender.acknowledge(0);
    sent.length = 0;
    sender.resendFrom(0);
    expect(seqs()).toEqual([3]);
  });
});

test.each([
  ['final', FRAME.final],
  ['moved', FRAME.moved],
])('a %s frame finishes the job', (_name, kind) => {
  expect(sender.finished).toBe(false);
  send(1);
  expect(sender.finished).toBe(false);
  sender.send({ kind });
  expect(sender.finished).toBe(true);
});
