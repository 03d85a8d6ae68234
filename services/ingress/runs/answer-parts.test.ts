import { expect, test } from 'vitest';
import type { RunPart } from '#bus';
import { AnswerReader } from './answer-reader.ts';
import { EventReader } from './event-reader.ts';

const name = { owner: 'o', group: 'g', job: 'job_1' };
const partOf = (part: string): RunPart => ({
  name,
  part,
  facts: { v: 1, attempt: 1, delivery: 1 },
  bytes: Buffer.from(`data: ${part}\n\n`),
  streamSeq: 1,
});

function readers(written: string[]) {
  const write = (bytes: Uint8Array): boolean => written.push(Buffer.from(bytes).toString()) > 0;
  const over = () => undefined;
  const answer = new AnswerReader({
    response: { write, backedUp: false } as never,
    dialect: 'openai-chat',
    onStreamFailure: undefined,
    onOver: over,
  });
  const raw = { write, destroyed: false, writableEnded: false } as never;
  const showEnd = () => '';
  const events = new EventReader({ raw, dialect: 'openai-chat', after: undefined, current: 0, showEnd, onDrain: over, onOver: over });
  return { answer, events };
}

test.each(['answer', 'events'] as const)('a client that reads %s is told pieces and nothing else that is kept with a run', (kind) => {
  const written: string[] = [];
  const reader = readers(written)[kind];
  const goesOn = ['claim', 'cancel', 'request', 'unknown', '0'].map((part) => reader.take(partOf(part)));
  expect(goesOn).toEqual([true, true, true, true, true]);
  expect(written).toHaveLength(1);
  expect(written[0]).toContain('data: 0\n\n');
});
