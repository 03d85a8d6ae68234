import { expect, it } from 'vitest';
import { parseExact } from './exact-json.ts';

it('writes numbers that a double cannot hold with their own digits again', () => {
  const json = '{"id":12345678901234567890,"list":[0.12345678901234567890,1e400,-9007199254740993],"n":1.5,"s":"12345678901234567890"}';
  expect(JSON.stringify(parseExact(json))).toBe(json);
});

it('gives plain numbers where a double is exact', () => {
  expect(parseExact('{"a":1,"b":2.5}')).toEqual({ a: 1, b: 2.5 });
  expect(parseExact('{"a":1,"b":12345678901234567890}')).toHaveProperty('a', 1);
});
