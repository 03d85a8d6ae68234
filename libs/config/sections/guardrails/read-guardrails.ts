import { closestKey } from '../../keys/closest-key.ts';
import { GUARDRAIL_ENTRY_KEYS, GUARDRAIL_KEYS, GUARDRAILS_KEYS } from '../../keys/sections.ts';
import { placeText, type Reading } from '../../reading.ts';
import { GUARDRAIL_HOOKS, type GuardrailHook, type GuardrailSettings, type GuardrailsSettings } from '../../settings/guardrail-settings.ts';
import type { SourceNode } from '../../source/source-node.ts';
import { readBoolean, readText, readTextList, wrongKind } from '../../values.ts';
import { readSection } from '../read-section.ts';
import { readChoice } from './read-choice.ts';
import { readRule } from './read-rule.ts';

/** `guardrails` (of included files too) and `headrace.guardrails`. Undefined without any guardrail. */
export function readGuardrails(
  lists: readonly SourceNode[],
  section: SourceNode | undefined,
  reading: Reading,
): GuardrailsSettings | undefined {
  const own = section === undefined ? undefined : readSection([section], GUARDRAILS_KEYS, reading);
  const entries = lists.flatMap((list) => listEntries(list, reading));
  const list = entries.map((entry) => readEntry(entry, reading)).filter((entry) => entry !== undefined);
  refuseRepeated(entries, reading);
  if (list.length === 0) return undefined;
  return {
    list,
    allowedPrivateHosts: readTextList(own?.get('allow_private_hosts'), reading) ?? [],
    mayBeSwitchedOff: readBoolean(own?.get('may_be_switched_off'), reading) ?? false,
  };
}

function listEntries(list: SourceNode, reading: Reading): readonly SourceNode[] {
  if (list.kind === 'list') return list.items();
  if (list.kind !== 'null') wrongKind(list, 'a list of guardrails ("- guardrail_name: …")', reading);
  return [];
}

function readEntry(entry: SourceNode, reading: Reading): GuardrailSettings | undefined {
  const fields = readSection([entry], GUARDRAIL_ENTRY_KEYS, reading);
  const name = readText(fields.get('guardrail_name'), reading);
  const node = fields.get('litellm_params');
  if (name === undefined || name === '') {
    reading.problem(entry, 'a guardrail has no name', { suggestion: 'add "guardrail_name: …"' });
    return undefined;
  }
  if (!/^[\w .:/@-]{1,64}$/.test(name)) {
    reading.problem(entry, 'a guardrail’s name may have letters, digits, spaces and ._:/@- only, 64 at most');
    return undefined;
  }
  if (node === undefined) {
    reading.problem(entry, `the guardrail "${name}" does not say what it is`, {
      suggestion: 'add "litellm_params:" with "guardrail" and "mode"',
    });
    return undefined;
  }
  const params = readSection([node], GUARDRAIL_KEYS, reading);
  const rule = readRule({ name, node, params }, reading);
  const hooks = readHooks(params.get('mode'), node, reading);
  if (rule === undefined) return undefined;
  return {
    name,
    type: readText(params.get('guardrail'), reading) ?? '',
    hooks,
    defaultOn: readBoolean(params.get('default_on'), reading) ?? false,
    failOpen: readChoice(params.get('unreachable_fallback'), ['fail_closed', 'fail_open'] as const, reading) === 'fail_open',
    rule,
  };
}

function readHooks(node: SourceNode | undefined, params: SourceNode, reading: Reading): readonly GuardrailHook[] {
  const names = readTextList(node, reading);
  if (names === undefined || names.length === 0) {
    reading.problem(params, 'a guardrail needs a mode', { suggestion: `choose of ${GUARDRAIL_HOOKS.join(', ')}` });
    return [];
  }
  const hooks = names.map((name) => GUARDRAIL_HOOKS.find((hook) => hook === name));
  const wrong = names.find((_, index) => hooks[index] === undefined);
  if (node !== undefined && wrong !== undefined) {
    const near = closestKey(wrong, GUARDRAIL_HOOKS);
    reading.problem(node, `there is no mode called "${wrong}" here`, {
      suggestion: near === undefined ? `choose of ${GUARDRAIL_HOOKS.join(', ')}` : `did you mean "${near}"?`,
    });
  }
  return hooks.filter((hook) => hook !== undefined);
}

function refuseRepeated(entries: readonly SourceNode[], reading: Reading): void {
  const first = new Map<string, SourceNode>();
  for (const entry of entries) {
    const name = entry.entries().find(({ key }) => key === 'guardrail_name')?.value.text;
    const earlier = name === undefined ? undefined : first.get(name);
    if (name === undefined) continue;
    if (earlier === undefined) first.set(name, entry);
    else
      reading.problem(entry, `guardrail_name "${name}" is already used at ${placeText(earlier)}`, {
        suggestion: 'give each guardrail its own name',
      });
  }
}
