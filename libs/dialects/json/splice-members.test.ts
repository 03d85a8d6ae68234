import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { viewObject } from './splice-members.ts';

const text = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString();
const view = (json: string) => viewObject(Buffer.from(json));

describe('splicing members of a JSON object', () => {
  it('replaces a value and leaves every other byte as it was', () => {
    const json = '{ "model" : "a" ,\n\t"big": 12345678901234567890,"x":[1,{"model":"inner"}], "s":"q\\"}{" }';
    expect(text(view(json).splice(new Map([['model', '"b"']])))).toBe(json.replace('"a"', '"b"'));
  });

  it('returns the very same bytes when nothing is edited', () => {
    const body = Buffer.from('{"a":1}');
    expect(viewObject(body).splice(new Map())).toBe(body);
  });

  it.each([
    ['first', 'a', '{"b":2, "c":3}'],
    ['middle', 'b', '{"a":1, "c":3}'],
    ['last', 'c', '{"a":1, "b":2}'],
  ])('removes the %s member with its comma', (_place, key, expected) => {
    expect(text(view('{"a":1, "b":2, "c":3}').splice(new Map([[key, undefined]])))).toBe(expected);
  });

  it('adds members to empty, emptied and filled objects', () => {
    const edits = new Map([
      ['x', '1'],
      ['y', '"2"'],
    ] as const);
    expect(text(view('{}').splice(edits))).toBe('{"x":1,"y":"2"}');
    expect(text(view(' { } ').splice(edits))).toBe('{"x":1,"y":"2"}');
    expect(text(view('{"a":1}').splice(new Map([['a', undefined], ...edits])))).toBe('{"x":1,"y":"2"}');
    expect(text(view('{"a":1}').splice(edits))).toBe('{"a":1,"x":1,"y":"2"}');
  });

  it('keeps the last of a repeated key only, also when it is written with escapes', () => {
    const json = '{"model":"a","z":1,"mod\\u0065l":"b"}';
    expect(text(view(json).splice(new Map()))).toBe('{"z":1,"mod\\u0065l":"b"}');
    expect(text(view(json).splice(new Map([['model', '"c"']])))).toBe('{"z":1,"mod\\u0065l":"c"}');
    expect(view(json).value('model')).toBe('b');
  });

  it('edits any object to what the same edit on the parsed object gives', () => {
    const record = fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 8 });
    const keys = fc.array(fc.oneof(fc.string(), fc.constantFrom('a', 'b', 'model')), { maxLength: 4 });
    fc.assert(
      fc.property(record, keys, keys, fc.constantFrom(undefined, 1, '\t'), (value, removed, set, space) => {
        const edits = new Map<string, string | undefined>(removed.map((key) => [key, undefined]));
        for (const key of set) edits.set(key, '["set"]');
        const expected = new Map<string, unknown>(Object.entries(JSON.parse(JSON.stringify(value)) as object));
        for (const [key, edit] of edits)
          if (edit === undefined) expected.delete(key);
          else expected.set(key, ['set']);
        const spliced = text(view(JSON.stringify(value, null, space)).splice(edits));
        expect(new Map(Object.entries(JSON.parse(spliced) as object))).toEqual(expected);
      }),
    );
  });

  it('finds the end of long strings whatever they escape', () => {
    const pieces = fc.array(fc.constantFrom('\\', '"', 'x'.repeat(30), '\\\\', '\n', '{', '}', 'é'), { maxLength: 40 });
    fc.assert(
      fc.property(pieces, (parts) => {
        const value = parts.join('');
        expect(view(JSON.stringify({ a: value, nested: [value, { b: value }], end: 1 })).value('a')).toBe(value);
        expect(view(JSON.stringify({ a: value, nested: [value, { b: value }], end: 1 })).value('end')).toBe(1);
      }),
    );
  });

  it.each([
    '',
    '[]',
    '"x"',
    '{',
    '{"a"',
    '{"a":',
    '{"a":1',
    '{"a":1,',
    '{"a":"b',
    '{"a":[1',
    '{a:1}',
    '{"a" 1}',
    '{"a":1 "b":2}',
    '{"a":}',
  ])('refuses %j instead of guessing', (json) => {
    expect(() => view(json)).toThrow(expect.objectContaining({ code: 'invalid_json' }));
  });
});
