import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';

/** Names of the environment variables that a configuration file and the files it includes refer to as `os.environ/NAME`. */
export function environmentReferences(file: string, seen: ReadonlySet<string> = new Set()): Set<string> {
  const text = readFileSync(file, 'utf8');
  const names = new Set(Array.from(text.matchAll(/os\.environ\/(\w+)/g), ([, name = '']) => name));
  const deeper = new Set([...seen, file]);
  for (const included of includedFiles(text, file)) {
    if (deeper.has(included)) continue;
    for (const name of environmentReferences(included, deeper)) names.add(name);
  }
  return names;
}

function includedFiles(text: string, file: string): string[] {
  const document: unknown = parse(text);
  const list = typeof document === 'object' && document !== null && 'include' in document ? document.include : undefined;
  const paths: unknown[] = Array.isArray(list) ? list : [];
  return paths.filter((path) => typeof path === 'string').map((path) => resolve(dirname(file), path));
}
