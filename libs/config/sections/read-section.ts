import { closestKey } from '../keys/closest-key.ts';
import { allKeys, type KeyTable } from '../keys/key-table.ts';
import { SECTION_TABLES } from '../keys/sections.ts';
import { placeText, type Reading } from '../reading.ts';
import type { SourceEntry, SourceNode } from '../source/source-node.ts';
import { wrongKind } from '../values.ts';

/** The supported keys of a section, by name. */
export type Fields = ReadonlyMap<string, SourceNode>;

/**
 * Checks the keys of one or more mappings that form a section (an included file adds to it, later files win) against its table.
 * Keys without effect are warned about once; unknown ones are problems with a suggestion.
 */
export function readSection(nodes: readonly SourceNode[], table: KeyTable, reading: Reading): Fields {
  const fields = new Map<string, SourceNode>();
  for (const entry of supportedEntries(nodes, table, reading)) fields.set(entry.key, entry.value);
  return fields;
}

/** The same with every occurrence of a key, for sections that are joined and not replaced. */
export function supportedEntries(nodes: readonly SourceNode[], table: KeyTable, reading: Reading): readonly SourceEntry[] {
  return nodes
    .flatMap((node) => readEntries(node, reading))
    .filter((entry) => {
      if (table.supported.includes(entry.key)) return true;
      if (table.ignored.includes(entry.key)) warnIgnored(entry, table.section, reading);
      else unknownKey(entry, table, reading);
      return false;
    });
}

/** The entries of a mapping; none, after noting the problem, for anything else. An empty section counts as an empty mapping. */
export function readEntries(node: SourceNode, reading: Reading): readonly SourceEntry[] {
  if (node.kind === 'null') return [];
  if (node.kind !== 'map') {
    wrongKind(node, 'a mapping ("key: value" lines)', reading);
    return [];
  }
  const entries = node.entries();
  for (const entry of entries) {
    if (entry.repeated) {
      const place = placeText({ file: node.file, offset: entry.keyOffset });
      reading.warn(`repeated ${entry.value.path}`, `${place}: ${entry.value.path} is given more than once; the last one counts`);
    }
  }
  return entries;
}

export function warnIgnored(entry: SourceEntry, section: string, reading: Reading): void {
  const name = section === '' ? entry.key : `${section}.${entry.key}`;
  const place = placeText({ file: entry.value.file, offset: entry.keyOffset });
  reading.warn(`ignored ${name}`, `${place}: ${name} has no effect yet`);
}

function unknownKey(entry: SourceEntry, table: KeyTable, reading: Reading): void {
  const place = { file: entry.value.file, path: entry.value.path, offset: entry.keyOffset };
  reading.problem(place, `unknown key "${entry.key}"`, { suggestion: suggestion(entry.key, table), hideValue: true });
}

function suggestion(key: string, table: KeyTable): string {
  const near = closestKey(key, allKeys(table));
  if (near !== undefined) return `did you mean "${near}"?`;
  const home = SECTION_TABLES.find((other) => other !== table && allKeys(other).includes(key));
  if (home !== undefined) return `"${key}" belongs under ${home.section}`;
  return table.supported.length === 0 ? 'remove it: this section has no keys yet' : `remove it; known here: ${table.supported.join(', ')}`;
}
