import { expect, test } from 'vitest';
import { createStreamCheck, faultOf } from './check-stream.ts';

const token = (text: string) => `data: {"choices":[{"delta":{"content":"${text}"},"finish_reason":null}]}\n\n`;
const FINISH = 'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\n';
const DONE = 'data: [DONE]\n\n';
const WHOLE = token('t0') + token(' t1') + ': comment\n\n' + token(' t2') + FINISH + DONE;

function fault(text: string, pieceBytes = 1_000): string | undefined {
  const check = createStreamCheck();
  for (let at = 0; at < text.length; at += pieceBytes) check.push(Buffer.from(text.slice(at, at + pieceBytes)));
  return faultOf(check.verdict(), 3);
}

test('a whole stream has no fault, wherever it is cut', () => {
  for (let size = 1; size <= WHOLE.length; size += 1) expect(fault(WHOLE, size)).toBeUndefined();
});

test.each([
  ['a missing token', token('t0') + token(' t2') + FINISH + DONE, '1 tokens out of order'],
  ['a doubled token', token('t0') + token(' t0') + token(' t1') + token(' t2') + FINISH + DONE, '3 tokens out of order'],
  ['swapped tokens', token('t1') + token(' t0') + token(' t2') + FINISH + DONE, '2 tokens out of order'],
  ['an early end', token('t0') + FINISH + DONE, '1 of 3 tokens'],
  ['no finish', token('t0') + token(' t1') + token(' t2') + DONE, 'finish reason undefined'],
  ['no end', token('t0') + token(' t1') + token(' t2') + FINISH, 'no [DONE]'],
  ['a token after the finish', token('t0') + token(' t1') + FINISH + token(' t2') + DONE, '1 tokens out of order'],
  ['an error event', `${token('t0')}data: {"error":{"message":"gone"}}\n\n`, 'error event: gone'],
])('%s is seen', (_, text, expected) => expect(fault(text)).toBe(expected));
