import { isRecord, stringAt, type JsonRecord } from '../json/record.ts';

/** What an answer calls a function by. */
export interface FunctionName {
  readonly name: string;
  readonly namespace?: string | undefined;
}

/**
 * One name for a function of a namespace (`{"type": "namespace", "name", "tools"}`, as Codex sends its own and MCP's tools), for
 * formats that have no namespaces.
 */
export function flatName({ name, namespace }: FunctionName): string {
  return namespace === undefined ? name : `${namespace}__${name}`;
}

/** The way back from the flat names of a request's `tools`. A name that is none stays itself. */
export function createNameReader(tools: unknown): (flat: string) => FunctionName {
  const spaces = Array.isArray(tools) ? tools.filter((tool): tool is JsonRecord => isRecord(tool) && tool['type'] === 'namespace') : [];
  const names = new Map(spaces.flatMap(functionsOf).map((one) => [flatName(one), one]));
  return (flat) => names.get(flat) ?? { name: flat };
}

function functionsOf(space: JsonRecord): FunctionName[] {
  const namespace = stringAt(space, 'name');
  const tools: readonly unknown[] = Array.isArray(space['tools']) ? space['tools'] : [];
  return tools.flatMap((tool) => {
    const name = isRecord(tool) ? stringAt(tool, 'name') : undefined;
    return name === undefined ? [] : [{ name, namespace }];
  });
}
