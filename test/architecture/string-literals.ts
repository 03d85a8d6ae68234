import { parseSync } from '@swc/core';

/**
 * Every string that a TypeScript source spells out: literals, parts of templates, and names of object keys. Comments and the names of
 * imported modules are not strings in this sense.
 */
export function stringLiterals(source: string): string[] {
  const found: string[] = [];
  collect(parseSync(source, { syntax: 'typescript', target: 'esnext' }), found);
  return found;
}

function collect(node: unknown, found: string[]): void {
  if (typeof node !== 'object' || node === null) return;
  const { type, value, cooked, key } = node as {
    type?: string;
    value?: unknown;
    cooked?: unknown;
    key?: { type?: string; value?: unknown };
  };
  if (type === 'StringLiteral' && typeof value === 'string') found.push(value);
  if (type === 'TemplateElement' && typeof cooked === 'string') found.push(cooked);
  if (type === 'KeyValueProperty' && key?.type === 'Identifier' && typeof key.value === 'string') found.push(key.value);
  for (const [name, child] of Object.entries(node)) if (name !== 'source') collect(child, found);
}
