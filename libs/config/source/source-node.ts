import { isAlias, isMap, isNode, isScalar, isSeq, type Pair, type YAMLMap } from 'yaml';
import type { SourceFile } from './source-file.ts';

export type SourceKind = 'map' | 'list' | 'text' | 'number' | 'boolean' | 'null';

/** A value of a configuration file that knows where it was written. Aliases and merge keys are already followed. */
export interface SourceNode {
  readonly file: SourceFile;
  /** `model_list[2].litellm_params.rpm`. */
  readonly path: string;
  /** Offset of the value in the text; of its key where the value is empty. */
  readonly offset: number;
  readonly kind: SourceKind;
  /** A scalar's text as written, without quotes; empty for maps, lists and null. */
  readonly text: string;
  /** A map's entries in order; of equal keys the last, with `repeated` set. Own keys win over merged ones. */
  entries(): readonly SourceEntry[];
  items(): readonly SourceNode[];
  /** The value as plain data, numbers and booleans as YAML reads them. */
  plain(): unknown;
}

export interface SourceEntry {
  readonly key: string;
  readonly keyOffset: number;
  readonly value: SourceNode;
  readonly repeated: boolean;
}

export function rootNode(file: SourceFile): SourceNode {
  return createNode(file, file.document.contents, '', 0);
}

function createNode(file: SourceFile, written: unknown, path: string, fallbackOffset: number): SourceNode {
  const node = follow(file, written);
  const offset = offsetOf(written) ?? fallbackOffset;
  const kind = kindOf(node);
  const self: SourceNode = {
    file,
    path,
    offset: kind === 'null' ? fallbackOffset : offset,
    kind,
    text: isScalar(node) && node.value !== null ? (node.source ?? '') : '',
    entries: () => (isMap(node) ? [...mapEntries(file, node, path).values()] : []),
    items: () => (isSeq(node) ? node.items.map((item, index) => createNode(file, item, `${path}[${index}]`, offset)) : []),
    plain: () => {
      if (kind === 'map') return Object.fromEntries(self.entries().map((entry) => [entry.key, entry.value.plain()]));
      if (kind === 'list') return self.items().map((item) => item.plain());
      return isScalar(node) ? node.value : null;
    },
  };
  return self;
}

function follow(file: SourceFile, written: unknown): unknown {
  return isAlias(written) ? file.targets.get(written) : written;
}

function offsetOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}

function kindOf(node: unknown): SourceKind {
  if (isMap(node)) return 'map';
  if (isSeq(node)) return 'list';
  if (!isScalar(node) || node.value === null) return 'null';
  if (typeof node.value === 'number' || typeof node.value === 'bigint') return 'number';
  return typeof node.value === 'boolean' ? 'boolean' : 'text';
}

function mapEntries(file: SourceFile, map: YAMLMap, path: string): Map<string, SourceEntry> {
  const own = new Map<string, SourceEntry>();
  const merged = new Map<string, SourceEntry>();
  for (const pair of map.items) {
    const keyOffset = offsetOf(pair.key) ?? offsetOf(map) ?? 0;
    if (isMergeKey(pair)) {
      for (const [key, entry] of mergedEntries(file, pair, path)) if (!merged.has(key)) merged.set(key, entry);
      continue;
    }
    const key = isScalar(pair.key) ? (pair.key.source ?? '') : '';
    const value = createNode(file, pair.value, path === '' ? key : `${path}.${key}`, keyOffset);
    own.set(key, { key, keyOffset, value, repeated: own.has(key) });
  }
  for (const [key, entry] of merged) if (!own.has(key)) own.set(key, entry);
  return own;
}

/** `<<: *defaults` or `<<: [*a, *b]`: earlier maps win over later ones. */
function isMergeKey(pair: Pair): boolean {
  return isScalar(pair.key) && (typeof pair.key.value === 'symbol' || (pair.key.value === '<<' && pair.key.type === 'PLAIN'));
}

function mergedEntries(file: SourceFile, pair: Pair, path: string): Map<string, SourceEntry> {
  const target = follow(file, pair.value);
  const sources: unknown[] = isSeq(target) ? target.items : [target];
  const merged = new Map<string, SourceEntry>();
  for (const source of sources) {
    const map = follow(file, source);
    if (!isMap(map)) continue;
    for (const [key, entry] of mapEntries(file, map, path)) if (!merged.has(key)) merged.set(key, entry);
  }
  return merged;
}
