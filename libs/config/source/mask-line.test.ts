import { expect, test } from 'vitest';
import { maskLine, maskValue } from './mask-line.ts';

test.each([
  ['      rpm: many', '      rpm: many'],
  ['      model: openai/gpt-4o', '      model: openai/gpt-4o'],
  ['  api_key: sk-abc', '  api_key: …'],
  ['  "master_key": x', '  "master_key": …'],
  ['DATABASE_URL: postgresql://u:p@h/d', 'DATABASE_URL: …'],
  ['{model: x, api_key: k, rpm: 5}', '{model: x, api_key: …'],
  ['  target: http://user:hunter2@host/x', '  target: http://…@host/x'],
  ['  x: sk-ant-api03-abcdefgh', '  x: …'],
  ['  x: 3f9a7c2b1d8e4f6a9b0c5d7e2f1a8b3c', '  x: …'],
])('%j is shown as %j', (line, shown) => {
  expect(maskLine(line)).toBe(shown);
});

test('a hidden value leaves its key, and a line without a key nothing', () => {
  expect(maskValue('    api_kye: sk-abc # mine')).toBe('    api_kye: …');
  expect(maskValue('    just-some-text')).toBe('…');
});

test('a long line is cut', () => {
  expect(maskLine(`a: ${'b '.repeat(200)}`).length).toBeLessThan(130);
});
