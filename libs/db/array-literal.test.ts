import { expect, test } from 'vitest';
import { arrayLiteral } from './array-literal.ts';

test.each([
  [[1, 2.5, -3], '{1,2.5,-3}'],
  [['a', 'b.c:/@+-_9'], '{a,b.c:/@+-_9}'],
  [['', ' ', 'a,b', '{}', 'x"y', 'x\\y'], '{""," ","a,b","{}","x\\"y","x\\\\y"}'],
  [['null', 'NULL', undefined, null], '{"null","NULL",NULL,NULL}'],
  [[true, false], '{t,f}'],
  [[Number.NaN, Infinity, 0], '{NULL,NULL,0}'],
  [[{ a: 'b' }, [1]], '{"{\\"a\\":\\"b\\"}","[1]"}'],
  [['a', 'a', undefined, 'a'], '{a,a,NULL,a}'],
])('%j is the array %s', (values, literal) => {
  expect(arrayLiteral(values)).toBe(literal);
});

test.each([[[]], [[undefined, null]], [[Number.NaN]]])('%j holds nothing', (values) => {
  expect(arrayLiteral(values)).toBeNull();
});
