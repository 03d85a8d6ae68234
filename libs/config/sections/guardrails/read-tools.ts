import type { Reading } from '../../reading.ts';
import type { ToolPermission, ToolsRule } from '../../settings/guardrail-settings.ts';
import type { SourceNode } from '../../source/source-node.ts';
import { readText, wrongKind } from '../../values.ts';
import { readEntries } from '../read-section.ts';
import { readChoice } from './read-choice.ts';
import { readPattern } from './read-pattern.ts';
import type { RuleSource } from './read-rule.ts';

/** LiteLLM's `tool_permission`: rules by tool name, the first that matches counts. */
export function readTools({ node, params }: RuleSource, reading: Reading): ToolsRule {
  const rules = params.get('rules');
  if (rules !== undefined && rules.kind !== 'list') wrongKind(rules, 'a list of rules', reading);
  if (rules === undefined && params.get('default_action') === undefined) {
    reading.problem(node, 'this guardrail has no rules', { suggestion: 'add rules, or default_action: deny' });
  }
  return {
    kind: 'tools',
    rules: (rules?.items() ?? []).map((item, index) => readPermission(item, index, reading)).filter((rule) => rule !== undefined),
    isAllowed: readChoice(params.get('default_action'), ['allow', 'deny'] as const, reading) !== 'deny',
    blocks: readChoice(params.get('on_disallowed_action'), ['block', 'rewrite'] as const, reading) !== 'rewrite',
  };
}

function readPermission(item: SourceNode, index: number, reading: Reading): ToolPermission | undefined {
  const field = (name: string): SourceNode | undefined => item.entries().find(({ key }) => key === name)?.value;
  const tool = readPattern(field('tool_name'), reading);
  const decision = readChoice(field('decision'), ['allow', 'deny'] as const, reading);
  if (tool === undefined || decision === undefined) {
    reading.problem(item, 'a rule needs the name of a tool and a decision', {
      suggestion: '"tool_name: …" and "decision: allow" or "deny"',
    });
    return undefined;
  }
  const patterns = field('allowed_param_patterns');
  const args = patterns === undefined ? [] : readEntries(patterns, reading);
  return {
    id: readText(field('id'), reading) ?? `rule_${index + 1}`,
    tool,
    isAllowed: decision === 'allow',
    args: Object.fromEntries(
      args.flatMap(({ key, value }): [string, string][] => {
        const pattern = readPattern(value, reading);
        return pattern === undefined ? [] : [[key, pattern]];
      }),
    ),
  };
}
