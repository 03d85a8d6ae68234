import type { ToolsRule } from '#config';
import { RE2JS } from 're2js';

/** Which tools may be offered and called. */
export interface ToolPolicy {
  readonly blocks: boolean;
  /** Whether a tool of that name may be offered to a model. */
  mayOffer(tool: string): boolean;
  /** Whether it may be called with these arguments (as JSON, or parsed). */
  mayCall(tool: string, args: unknown): boolean;
}

export function compileTools({ rules, isAllowed, blocks }: ToolsRule): ToolPolicy {
  const compiled = rules.map((rule) => ({
    ...rule,
    name: RE2JS.compile(rule.tool),
    args: Object.entries(rule.args).map(([path, pattern]) => ({ path: path.split('.'), pattern: RE2JS.compile(pattern) })),
  }));
  const ruleOf = (tool: string) => compiled.find(({ name }) => name.matches(tool));
  return {
    blocks,
    mayOffer: (tool) => ruleOf(tool)?.isAllowed ?? isAllowed,
    mayCall(tool, args) {
      const rule = ruleOf(tool);
      if (rule === undefined) return isAllowed;
      if (!rule.isAllowed) return false;
      if (rule.args.length === 0) return true;
      const value = typeof args === 'string' ? parse(args) : args;
      return rule.args.every(({ path, pattern }) => valuesAt(value, path).every((text) => pattern.matches(text)));
    },
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text === '' ? '{}' : text) as unknown;
  } catch {
    return undefined;
  }
}

/** `to`, `mail.to`, `to[]`: every value there as text. One that is missing is none; arguments that can't be read match nothing. */
function valuesAt(value: unknown, path: readonly string[]): readonly string[] {
  if (value === undefined && path.length > 0) return [UNREADABLE];
  let values: readonly unknown[] = [value];
  for (const part of path) {
    const name = part.replace(/\[\]$/, '');
    values = values.flatMap((item) => {
      const inner = isRecord(item) ? item[name] : undefined;
      if (inner === undefined) return [];
      return Array.isArray(inner) ? (inner as readonly unknown[]) : [inner];
    });
  }
  return values.map((item) => (typeof item === 'string' ? item : JSON.stringify(item)));
}

const UNREADABLE = '\u0000';

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
