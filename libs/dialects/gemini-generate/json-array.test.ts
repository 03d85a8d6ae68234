import { describe, expect, it } from 'vitest';
import { createJsonArrayWriter } from './json-array.ts';

const STREAM = 'data: {"a":"ö"}\n\n: comment\n\ndata: {"b":[1]}\n\n';

describe('a stream as one JSON array', () => {
  it('has each event as an element, wherever the bytes are cut', () => {
    const bytes = Buffer.from(STREAM);
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      const array = createJsonArrayWriter();
      const text = Buffer.concat([array.push(bytes.subarray(0, cut)), array.end(bytes.subarray(cut))]).toString();
      expect(JSON.parse(text)).toEqual([{ a: 'ö' }, { b: [1] }]);
    }
  });

  it('gives an element as soon as its event is whole', () => {
    const array = createJsonArrayWriter();
    expect(array.push(Buffer.from('data: {"a":1}\n\ndata: {"b"')).toString()).toBe('[{"a":1}');
  });

  it('is an empty array without events', () => {
    expect(createJsonArrayWriter().end().toString()).toBe('[]');
  });
});
