import type { AnswerGuard } from '../answer-guard.ts';
import { slotOf } from '../walk/answer-texts.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Tool calls of a stream: a name that is not allowed ends it at once, arguments are looked at when they are whole. */
export interface ToolWatch {
  /** Arguments are to be held back until they are whole. */
  readonly holdsArguments: boolean;
  /** Throws `GuardrailBlock`. */
  look(event: Fields): void;
  /** `key` as `slotOf` gives it. Throws `GuardrailBlock`. */
  checkArguments(key: string, args: string): void;
}

export function createToolWatch(guard: AnswerGuard): ToolWatch {
  const watches = guard.watches.filter(({ guardrail }) => guardrail.tools !== undefined);
  const names = new Map<string, string>();
  return {
    holdsArguments: watches.length > 0,
    look(event) {
      if (watches.length === 0) return;
      for (const { key, name, args } of callsIn(event)) {
        names.set(key, name);
        for (const watch of watches) {
          const { tools } = watch.guardrail;
          const isAllowed = args === undefined ? tools?.mayOffer(name) : tools?.mayCall(name, args);
          if (isAllowed === false) guard.found(watch, 'tool_not_allowed', true);
        }
      }
    },
    checkArguments(key, args) {
      const name = names.get(callKey(key));
      if (name === undefined) return;
      for (const watch of watches) if (watch.guardrail.tools?.mayCall(name, args) === false) guard.found(watch, 'tool_not_allowed', true);
    },
  };
}

interface CallStart {
  readonly key: string;
  readonly name: string;
  /** Where they come with the name, whole. */
  readonly args: unknown;
}

function callsIn(event: Fields): readonly CallStart[] {
  const block = [event['content_block'], event['item']].find(isRecord);
  if (block !== undefined)
    return typeof block['name'] === 'string' ? [{ key: callKey(slotOf(event, '')), name: block['name'], args: undefined }] : [];
  const calls: CallStart[] = [];
  for (const [at, choice] of listAt(event, 'choices').entries()) {
    const delta = choice['delta'];
    for (const [index, call] of (isRecord(delta) ? listAt(delta, 'tool_calls') : []).entries()) {
      const called = call['function'];
      const name = isRecord(called) ? called['name'] : undefined;
      const key = callKey(slotOf(event, `choices.${at}.delta.tool_calls.${index}.function.name`));
      if (typeof name === 'string' && name !== '') calls.push({ key, name, args: undefined });
    }
  }
  for (const candidate of listAt(event, 'candidates')) {
    const content = candidate['content'];
    for (const part of isRecord(content) ? listAt(content, 'parts') : []) {
      const called = part['functionCall'];
      if (isRecord(called) && typeof called['name'] === 'string') calls.push({ key: '', name: called['name'], args: called['args'] ?? {} });
    }
  }
  return calls;
}

/** Of formats with blocks the block, else the path to the call. */
function callKey(key: string): string {
  return key.startsWith(':') ? key.replace(/function\.\w+$/, '') : key.slice(0, key.indexOf(':') + 1);
}

function listAt(value: Fields, name: string): readonly Fields[] {
  const list = value[name];
  return Array.isArray(list) ? list.filter(isRecord) : [];
}

function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
