import { describe, expect, test } from 'vitest';
import { createTextJoiner } from './join-text.ts';

const TEXTS = [
  'The quick brown fox jumps over the lazy dog, and then, having done so, it lies down beside it and sleeps until morning.',
  'Ja, natürlich: „Größe“ – 世界 ist groß 👋🏽 und schön.\n\n1. Erstens\n2. Zweitens\n\n```ts\nconst x = { a: 1 };\n    return x;\n```\nEnde.',
  '| a | b |\n| --- | --- |\n| 1 | 2 |\n| 3 | 4 |\n\nSo 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 11 are what remains of twenty.',
];
const pieces = (text: string): string[] => text.match(/\s?\S{1,5}|\s+/gu) ?? [];

/** The joined text, when the second answer comes as `added`, in pieces of a few characters. */
function join(sent: string, added: string, withheldSpace = ''): string {
  const joiner = createTextJoiner(sent, { withheldSpace });
  let text = sent;
  for (const piece of pieces(added)) text += joiner.push(piece);
  return text + joiner.end();
}

/** Every place between two pieces. */
function cuts(text: string): number[] {
  let at = 0;
  return pieces(text)
    .map((piece) => (at += piece.length))
    .slice(0, -1);
}

describe.each(TEXTS)('a text cut between any two of its pieces: %.20s…', (text) => {
  test('is whole when the model goes on exactly there', () => {
    for (const at of cuts(text)) expect(join(text.slice(0, at), text.slice(at))).toBe(text);
  });

  test('is whole when the model repeats the last words first', () => {
    for (const at of cuts(text)) {
      for (const words of [3, 6, 12]) {
        const sent = text.slice(0, at);
        const start = [...sent.matchAll(/(?<=^|\s)\S/gu)].at(-words)?.index ?? 0;
        // too little to be told from a text that goes on so
        if (sent.slice(start).replaceAll(/[^\p{L}\p{N}]/gu, '').length < 8 && start > 0) continue;
        if (sent.trim() === '') continue;
        expect(join(sent, text.slice(start)), JSON.stringify([sent.slice(-30), text.slice(start, start + 30)])).toBe(text);
      }
    }
  });

  test('is whole when the model starts anew with all of it', () => {
    for (const at of cuts(text)) expect(join(text.slice(0, at), text)).toBe(text);
  });

  test('is whole when a prefill without its last space is gone on with', () => {
    for (const at of cuts(text)) {
      const sent = text.slice(0, at);
      const given = sent.trimEnd();
      expect(join(sent, text.slice(given.length), sent.slice(given.length))).toBe(text);
    }
  });
});

describe('what looks like a repetition and is none', () => {
  test.each([
    ['a text that repeats itself', 'very good, very good, very good, ', 'very good, very good, done'],
    ['indentation', 'if (x) {\n        ', '        y();\n'],
    ['a word that begins with the end of another', 'The can', 'did camera'],
    ['a few letters', 'to be or not to ', 'to be'],
  ])('is passed on: %s', (_what, sent, added) => {
    expect(join(sent, added)).toBe(sent + added);
  });
});

test('one whole word is no continuation of itself', () => {
  expect(join('The quick brown fox', 'fox jumps')).toBe('The quick brown fox jumps');
});

test('an answer that begins alike and goes another way is refused, before any of it is passed on', () => {
  const joiner = createTextJoiner('The quick brown fox jumps over the lazy dog and sleeps');
  expect(joiner.push('The quick brown fox jumps')).toBe('');
  expect(() => joiner.push(' into the river')).toThrow('could not be continued');
});

test('text is held back only while it may be a repetition', () => {
  const joiner = createTextJoiner('The quick brown fox jumps over');
  expect(joiner.push(' the')).toBe(' the');
  expect(joiner.push(' lazy')).toBe(' lazy');
});

test('a repetition that is all there is leaves nothing', () => {
  const joiner = createTextJoiner('The quick brown fox');
  expect(joiner.push('quick brown fox')).toBe('');
  expect(joiner.end()).toBe('');
});
