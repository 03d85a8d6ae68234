import { describe, expect, test } from 'vitest';
import { type AnswerEvent, decodeAnswer, encodeAnswer } from './answer-event.ts';
import { InvalidMessage } from './job.ts';

const EVENTS: readonly AnswerEvent[] = [
  { kind: 'head', head: { status: 200, headers: { 'content-type': 'text/event-stream' } } },
  { kind: 'data', bytes: Buffer.from('data: "ü"\n\n') },
  { kind: 'data', bytes: Buffer.from([0, 10, 255]) },
  { kind: 'end', bytes: Buffer.from('data: [DONE]\n\n') },
];

describe('a recorded answer', () => {
  test('comes back byte for byte', () => {
    expect(decodeAnswer(encodeAnswer({ job: 'job_1', events: EVENTS }))).toEqual({ job: 'job_1', events: EVENTS });
  });

  test('may have no events, an empty end, or an error', () => {
    const events: readonly AnswerEvent[] = [{ kind: 'fail', error: { code: 'invalid_request', message: 'no' }, head: undefined }];
    expect(decodeAnswer(encodeAnswer({ job: 'j', events: [] })).events).toEqual([]);
    expect(decodeAnswer(encodeAnswer({ job: 'j', events: [{ kind: 'end' }] })).events).toEqual([{ kind: 'end' }]);
    expect(decodeAnswer(encodeAnswer({ job: 'j', events })).events).toEqual(events);
  });

  test('that is cut or nothing of ours is refused', () => {
    const whole = encodeAnswer({ job: 'j', events: EVENTS });
    for (const broken of [whole.subarray(0, -1), Buffer.from('x'), Buffer.alloc(0), Buffer.from('{"v":2}\n')]) {
      expect(() => decodeAnswer(broken)).toThrow(InvalidMessage);
    }
  });
});
