import type { ToolPolicy } from './tool-policy.ts';

/** Where a request offers tools: each has its name at one of these. */
function toolName(tool: unknown): string | undefined {
  if (!isRecord(tool)) return undefined;
  const inner = tool['function'];
  const name = (isRecord(inner) ? inner['name'] : undefined) ?? tool['name'];
  return typeof name === 'string' ? name : undefined;
}

export interface RefusedTools {
  readonly count: number;
  /** The request without them; the same object where there are none. */
  readonly without: Record<string, unknown>;
}

/** The tools of a request that may not be offered. */
export function refuseTools(fields: Record<string, unknown>, policy: ToolPolicy): RefusedTools {
  const { tools } = fields;
  if (!Array.isArray(tools)) return { count: 0, without: fields };
  let count = 0;
  const mayStay = (tool: unknown): boolean => {
    const name = toolName(tool);
    const stays = name === undefined || policy.mayOffer(name);
    if (!stays) count += 1;
    return stays;
  };
  const kept = tools.flatMap((tool: unknown) => {
    // Gemini's tools hold their functions in a list
    const declared = isRecord(tool) ? tool['functionDeclarations'] : undefined;
    if (!isRecord(tool) || !Array.isArray(declared)) return mayStay(tool) ? [tool] : [];
    const functionDeclarations = declared.filter(mayStay);
    return functionDeclarations.length === 0 ? [] : [{ ...tool, functionDeclarations }];
  });
  if (count === 0) return { count, without: fields };
  const { tools: _tools, tool_choice: choice, ...rest } = fields;
  // a request without tools can't choose one
  return { count, without: kept.length === 0 ? rest : { ...rest, tools: kept, ...(isRecord(choice) ? {} : { tool_choice: choice }) } };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
