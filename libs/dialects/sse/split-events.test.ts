import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseEvent } from './parse-event.ts';
import { createEventSplitter } from './split-events.ts';

function split(text: string, cuts: readonly number[] = []): { events: string[]; rest: string | undefined } {
  const bytes = Buffer.from(text);
  const splitter = createEventSplitter();
  const edges = [0, ...cuts, bytes.length];
  const events: Buffer[] = [];
  for (let index = 1; index < edges.length; index += 1) events.push(...splitter.push(bytes.subarray(edges[index - 1], edges[index])));
  return { events: events.map(String), rest: splitter.end()?.toString() };
}

const STREAMS = {
  LF: 'data: a\n\n: comment\n\nevent: x\ndata: b\ndata: ü€\n\n',
  CRLF: 'data: a\r\n\r\n: comment\r\n\r\nevent: x\r\ndata: b\r\ndata: ü€\r\n\r\n',
  CR: 'data: a\r\r: comment\r\revent: x\rdata: b\rdata: ü€\r\r',
  mixed: 'data: a\n\r\n: comment\r\n\nevent: x\r\ndata: b\ndata: ü€\r\r\n',
};

describe('splitting a server-sent event stream', () => {
  it.each(Object.entries(STREAMS))('gives whole events with %s line ends, bytes untouched', (_name, stream) => {
    const { events, rest } = split(stream);
    expect([...events, rest ?? ''].join('')).toBe(stream);
    const parsed = [...events, ...(rest === undefined ? [] : [rest])].map((event) => parseEvent(Buffer.from(event)));
    expect(parsed.filter((event) => event.data !== undefined)).toEqual([
      { event: undefined, data: 'a' },
      { event: 'x', data: 'b\nü€' },
    ]);
  });

  it.each(Object.entries(STREAMS))('gives the same events with %s line ends wherever the stream is cut', (_name, stream) => {
    const whole = split(stream);
    const length = Buffer.byteLength(stream);
    for (let cut = 0; cut <= length; cut += 1) expect(split(stream, [cut])).toEqual(whole);
    fc.assert(
      fc.property(fc.array(fc.nat(length), { maxLength: 12 }), (cuts) => {
        expect(
          split(
            stream,
            cuts.toSorted((a, b) => a - b),
          ),
        ).toEqual(whole);
      }),
    );
  });

  it('removes a byte order mark at the start, also when it is cut, and nowhere else', () => {
    for (const cut of [0, 1, 2, 3])
      expect(split('\ufeffdata: a\n\ndata: \ufeff\n\n', [cut]).events).toEqual(['data: a\n\n', 'data: \ufeff\n\n']);
  });

  it('gives what has no blank line at the end as the rest', () => {
    expect(split('data: a\n\ndata: b\n')).toEqual({ events: ['data: a\n\n'], rest: 'data: b\n' });
  });

  it('refuses an event that outgrows its bound instead of holding it', () => {
    const splitter = createEventSplitter(100);
    expect(splitter.push(Buffer.alloc(100, 'x'))).toEqual([]);
    expect(() => splitter.push(Buffer.from('x'))).toThrow(expect.objectContaining({ code: 'upstream_invalid_response' }));
  });
});

describe('parsing an event', () => {
  it.each([
    ['data: {"a":1}\n\n', '{"a":1}'],
    ['data:{"a":1}\n\n', '{"a":1}'],
    ['data:  two\n\n', ' two'],
    ['id: 1\ndata: x\nretry: 5\n\n', 'x'],
    ['data\n\n', ''],
    [': only a comment\n\n', undefined],
    ['\n', undefined],
    ['event: ping\n\n', undefined],
  ])('reads %j', (raw, data) => {
    expect(parseEvent(Buffer.from(raw)).data).toBe(data);
  });
});
