import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createLineSplitter } from './split-lines.ts';

const STREAM = '{"a":1}\r\n\n{"b":"ü€"}\n{"c":"\\n"}\n{"rest":true}';

function split(text: string, cuts: readonly number[]): readonly (string | undefined)[] {
  const bytes = Buffer.from(text);
  const splitter = createLineSplitter();
  const edges = [0, ...cuts, bytes.length];
  const events = edges.slice(1).flatMap((edge, index) => splitter.push(bytes.subarray(edges[index], edge)));
  return [...events, splitter.end()].map((event) => event?.toString());
}

it('gives each line as an event, and the rest at the end', () => {
  expect(split(STREAM, [])).toEqual(['data: {"a":1}\n\n', 'data: {"b":"ü€"}\n\n', 'data: {"c":"\\n"}\n\n', 'data: {"rest":true}\n\n']);
  expect(split('{"a":1}\n', [])).toEqual(['data: {"a":1}\n\n', undefined]);
});

it('gives the same events wherever the stream is cut', () => {
  const whole = split(STREAM, []);
  const length = Buffer.byteLength(STREAM);
  for (let cut = 0; cut <= length; cut += 1) expect(split(STREAM, [cut])).toEqual(whole);
  const cuts = fc.array(fc.nat(length), { maxLength: 10 });
  fc.assert(
    fc.property(cuts, (at) => {
      expect(
        split(
          STREAM,
          at.toSorted((a, b) => a - b),
        ),
      ).toEqual(whole);
    }),
  );
});

it('refuses a line that outgrows its bound instead of holding it', () => {
  const splitter = createLineSplitter(100);
  expect(splitter.push(Buffer.alloc(100, 'x'))).toEqual([]);
  expect(() => splitter.push(Buffer.from('x'))).toThrow(expect.objectContaining({ code: 'upstream_invalid_response' }));
});
