import { expect, it } from 'vitest';
import { stringLiterals } from './string-literals.ts';

it('finds a string wherever it is spelled out', () => {
  const source = `
    import { x } from 'module';
    // 'comment'
    const a = 'literal';
    const b = \`part/\${a}\`;
    const c = { key: 1, 'quoted': 2 };
    type D = 'type';
    if (a === 'compared' || a.startsWith("prefix/")) c['index'];
    switch (a) { case 'case': break; }
  `;
  expect(new Set(stringLiterals(source))).toEqual(
    new Set(['literal', 'part/', '', 'key', 'quoted', 'type', 'compared', 'prefix/', 'index', 'case']),
  );
});
