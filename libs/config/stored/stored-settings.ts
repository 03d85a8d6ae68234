import { STORED_SECTIONS, type StoredSection } from '#contracts';
import { parseSource } from '../source/source-file.ts';
import { rootNode, type SourceNode } from '../source/source-node.ts';

type Values = Readonly<Record<string, unknown>>;

/** Settings that were stored, by section. */
export type StoredSettings = Readonly<Partial<Record<StoredSection, Values>>>;

type Nodes = (section: string) => readonly SourceNode[];

/** Of these a stored one for one name leaves those for others as they are. */
const BY_MODEL = new Set([
  'fallbacks',
  'context_window_fallbacks',
  'content_policy_fallbacks',
  'model_group_alias',
  'model_group_retry_policy',
]);

/** The sections of a file with what is stored before it. Without stored settings they are read from where they stand. */
export function withStoredSettings(nodes: Nodes, settings: StoredSettings | undefined): Nodes {
  if (settings === undefined || Object.keys(settings).length === 0) return nodes;
  return (section) => {
    const stored = STORED_SECTIONS.find((name) => name === section);
    const values = stored === undefined ? undefined : settings[stored];
    if (values === undefined || stored === undefined) return nodes(section);
    const written = nodes(section).map(plainMap);
    const merged = Object.fromEntries([...written, mergedValues(values, written)].flatMap((one) => Object.entries(one)));
    const source = parseSource(`stored ${section}`, JSON.stringify({ [section]: merged }, undefined, 1));
    return rootNode(source)
      .entries()
      .map(({ value }) => value);
  };
}

function plainMap(node: SourceNode): Values {
  return node.kind === 'map' ? Object.fromEntries(node.entries().map(({ key, value }) => [key, value.plain()])) : {};
}

function mergedValues(values: Values, written: readonly Values[]): Values {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      const before = written.findLast((section) => name in section)?.[name];
      return [name, BY_MODEL.has(name) ? { ...byModel(before), ...byModel(value) } : value];
    }),
  );
}

/** `[{"a": ["b"]}]` and `{"a": ["b"]}` mean the same; of two for one name the first counts. */
export function byModel(value: unknown): Values {
  const written: readonly unknown[] = Array.isArray(value) ? value : [value];
  const maps = written.filter((map) => typeof map === 'object' && map !== null);
  return Object.fromEntries(maps.toReversed().flatMap((map) => Object.entries(map)));
}
