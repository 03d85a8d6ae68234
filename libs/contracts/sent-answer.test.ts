import { expect, test } from 'vitest';
import { createSentLog, decodeSentAnswer, encodeSentAnswer } from './sent-answer.ts';
import { NO_USAGE } from './usage.ts';

test('what was sent survives its way to the next attempt, piece by piece', () => {
  const log = createSentLog();
  log.add({ model: 'm', reasoning: ['hm '] });
  log.add({ text: ['a', 'b'] });
  log.add({ model: 'later', text: ['–👋'] });
  const answer = log.answer({ ...NO_USAGE, outputTokens: 3 });
  expect(answer).toMatchObject({ model: 'm', reasoning: ['hm '], text: ['a', 'b', '–👋'] });
  expect(answer && decodeSentAnswer(encodeSentAnswer(answer))).toEqual(answer);
});

test('an answer goes on from where an earlier attempt left it', () => {
  const log = createSentLog({ v: 1, model: 'm', reasoning: [], text: ['a'], spent: NO_USAGE });
  log.add({ text: ['b'] });
  expect(log.answer(NO_USAGE)?.text).toEqual(['a', 'b']);
});

test.each([
  ['nothing was shown', []],
  ['a tool call was shown', [{ model: 'm', text: ['a'] }, { broken: true as const }]],
  ['a million characters were shown', [{ model: 'm', text: ['a'.repeat(1_000_001)] }]],
])('nobody can go on when %s', (_what, pieces) => {
  const log = createSentLog();
  for (const piece of pieces) log.add(piece);
  expect(log.answer(NO_USAGE)).toBeUndefined();
});

test.each(['', 'null', '{"v":2}', '{"v":1,"model":"m","reasoning":[1],"text":[]}'])('%s is refused', (text) => {
  expect(() => decodeSentAnswer(Buffer.from(text))).toThrow('what was sent of an answer');
});
