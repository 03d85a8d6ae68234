import { expect, test } from 'vitest';
import { createEventSplitter, isEvent } from './event-splitter.ts';

test.each([
  ['data: a\n\ndata: b\n\n', ['data: a\n\n', 'data: b\n\n']],
  ['data: a\r\n\r\ndata: b\n\n', ['data: a\r\n\r\n', 'data: b\n\n']],
  [': comment\n\nevent: x\ndata: é1\ndata: 2\n\n', [': comment\n\n', 'event: x\ndata: é1\ndata: 2\n\n']],
])('%j is cut into the same events wherever its pieces end', (text, events) => {
  const bytes = Buffer.from(text);
  for (let size = 1; size <= bytes.length; size += 1) {
    const splitter = createEventSplitter();
    const found: string[] = [];
    for (let at = 0; at < bytes.length; at += size) found.push(...splitter.push(bytes.subarray(at, at + size)).map(String));
    expect(found).toEqual(events);
    expect(splitter.rest()).toHaveLength(0);
  }
});

test('what is left behind the last event is told, and comments are no events', () => {
  const splitter = createEventSplitter();
  splitter.push(Buffer.from('data: a\n\ndata: hal'));
  expect(splitter.rest().toString()).toBe('data: hal');
  expect(isEvent(Buffer.from(': only a comment\n\n'))).toBe(false);
  expect(isEvent(Buffer.from('event: x\ndata: 1\n\n'))).toBe(true);
});
