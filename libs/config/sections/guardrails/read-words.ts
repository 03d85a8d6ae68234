import type { Reading } from '../../reading.ts';
import { type GuardrailAction, PII_ENTITIES, type WordsRule } from '../../settings/guardrail-settings.ts';
import type { SourceNode } from '../../source/source-node.ts';
import { readText, readTextList, wrongKind } from '../../values.ts';
import { readEntries } from '../read-section.ts';
import { readAction } from './read-entities.ts';
import { readPattern } from './read-pattern.ts';
import type { RuleSource } from './read-rule.ts';

type Lists = WordsRule['lists'];
type Patterns = WordsRule['patterns'];

/** `words` and `topics` are ours; `blocked_words` and `patterns` are those of LiteLLM's content filter. */
export function readWords({ node, params }: RuleSource, reading: Reading): WordsRule | undefined {
  const action = readAction(params.get('action'), reading) ?? 'block';
  const words = readTextList(params.get('words'), reading) ?? [];
  const lists: Lists = [
    ...(words.length === 0 ? [] : [{ category: 'denied_words', phrases: words, action }]),
    ...readTopics(params.get('topics'), action, reading),
    ...readBlockedWords(params.get('blocked_words'), action, reading),
  ];
  const patterns = readPatterns(params.get('patterns'), action, reading);
  const file = params.get('blocked_words_file');
  if (file !== undefined)
    reading.problem(file, 'files of words are not read', { suggestion: 'write them under blocked_words; an included file may have them' });
  if (lists.length === 0 && patterns.length === 0 && file === undefined && !hasProblem(params)) {
    reading.problem(node, 'this guardrail has no words', { suggestion: 'add words, topics, blocked_words or patterns' });
  }
  return { kind: 'words', lists, allowed: readTextList(params.get('allowed_words'), reading) ?? [], patterns };
}

/** Patterns that were wrong are problems already. */
function hasProblem(params: RuleSource['params']): boolean {
  return params.has('patterns');
}

/** Topic → its phrases. */
function readTopics(node: SourceNode | undefined, action: GuardrailAction, reading: Reading): Lists {
  if (node === undefined) return [];
  return readEntries(node, reading).map(({ key, value }) => ({ category: key, phrases: readTextList(value, reading) ?? [], action }));
}

function readBlockedWords(node: SourceNode | undefined, action: GuardrailAction, reading: Reading): Lists {
  return listOf(node, reading).flatMap((item) => {
    const phrase = readText(field(item, 'keyword'), reading);
    const own = readAction(field(item, 'action'), reading) ?? action;
    return phrase === undefined ? [] : [{ category: 'denied_words', phrases: [phrase], action: own }];
  });
}

function readPatterns(node: SourceNode | undefined, action: GuardrailAction, reading: Reading): Patterns {
  return listOf(node, reading).flatMap((item, index) => {
    const own = readAction(field(item, 'action'), reading) ?? action;
    const prebuilt = field(item, 'pattern_name');
    if (readText(field(item, 'pattern_type'), reading) === 'prebuilt') return refusePrebuilt(prebuilt ?? item, reading);
    const pattern = readPattern(field(item, 'pattern') ?? field(item, 'regex'), reading);
    const category = readText(field(item, 'name'), reading) ?? `pattern_${index + 1}`;
    return pattern === undefined ? [] : [{ category: category.slice(0, 64), pattern, action: own }];
  });
}

function refusePrebuilt(node: SourceNode, reading: Reading): [] {
  reading.problem(node, 'ready-made patterns are not part of this guardrail', {
    suggestion: `use "guardrail: pii" with entities (${PII_ENTITIES.slice(0, 4).join(', ')} …) or "guardrail: secrets"`,
  });
  return [];
}

function listOf(node: SourceNode | undefined, reading: Reading): readonly SourceNode[] {
  if (node === undefined || node.kind === 'null') return [];
  if (node.kind === 'list') return node.items();
  wrongKind(node, 'a list', reading);
  return [];
}

function field(node: SourceNode, name: string): SourceNode | undefined {
  return node.entries().find(({ key }) => key === name)?.value;
}
