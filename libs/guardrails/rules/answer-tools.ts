export interface ToolCall {
  readonly name: string;
  /** JSON text, or parsed. */
  readonly args: unknown;
}

/** The tool calls of an answer of any format: `{name, arguments}`, `{type: tool_use, name, input}`, `{functionCall: {name, args}}`. */
export function toolCallsOf(answer: unknown): readonly ToolCall[] {
  const calls: ToolCall[] = [];
  collect(answer, calls, 0);
  return calls;
}

/** Deeper than this no format has them. */
const MAX_DEPTH = 8;

function collect(value: unknown, calls: ToolCall[], depth: number): void {
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return;
  if (Array.isArray(value)) {
    for (const item of value) collect(item, calls, depth + 1);
    return;
  }
  const call = callOf(value as Readonly<Record<string, unknown>>);
  if (call !== undefined) calls.push(call);
  else for (const inner of Object.values(value)) collect(inner, calls, depth + 1);
}

function callOf(value: Readonly<Record<string, unknown>>): ToolCall | undefined {
  const { name, type } = value;
  if (typeof name !== 'string') return undefined;
  if (typeof value['arguments'] === 'string') return { name, args: value['arguments'] };
  if (type === 'tool_use') return { name, args: value['input'] };
  if (type === 'custom_tool_call') return { name, args: value['input'] };
  return 'args' in value && type === undefined ? { name, args: value['args'] } : undefined;
}
