import { parseArgs } from 'node:util';
import { PII_ENTITIES } from '#config';
import { createScanner, injectionScore } from '#guardrails';
import { table } from '../../bench/table.ts';
import { evaluate, precision, recall, type Score } from './evaluate.ts';
import { INJECTIONS } from './injections.ts';
import type { LabelledText } from './labelled-text.ts';
import { PERSONAL_DATA } from './personal-data.ts';
import { SECRETS } from './secrets.ts';
import { ALLOWED, DENIED, WORDS } from './words.ts';

/**
 * `npm run eval:guardrails`: precision and recall of each detector on the labelled set. `--misses` names the texts that were judged wrongly.
 */
const { values } = parseArgs({ options: { misses: { type: 'boolean', default: false } } });
const THRESHOLD = 0.5;

const scan = (rule: Parameters<typeof createScanner>[0]) => {
  const scanner = createScanner(rule);
  return (text: string) => (scanner?.find(text, 0) ?? []).map(({ category, start, end }) => ({ category, text: text.slice(start, end) }));
};
const entities = Object.fromEntries(PII_ENTITIES.map((entity) => [entity, 'mask'] as const));
const secrets = scan({ kind: 'secrets', action: 'mask' });

const sets: readonly (readonly [string, readonly LabelledText[], Parameters<typeof evaluate>[1]])[] = [
  ['pii', PERSONAL_DATA, scan({ kind: 'pii', entities, phoneRegions: ['US'] })],
  ['secrets', SECRETS, (text) => secrets(text)],
  ['words', WORDS, scan({ kind: 'words', lists: [{ ...DENIED, action: 'block' }], allowed: ALLOWED, patterns: [] })],
  ['prompt_injection', INJECTIONS, (text) => (injectionScore(text) >= THRESHOLD ? [{ category: 'prompt_injection', text }] : [])],
];

const rows = sets.flatMap(([rule, texts, find]) => evaluate(texts, find).map((score) => ({ rule, score })));
const percent = (share: number): string => share.toFixed(3);
print(`${sets.reduce((sum, [, texts]) => sum + texts.length, 0)} texts\n`);
print(
  table(
    ['guardrail', 'category', 'there', 'precision', 'recall'],
    rows.map(({ rule, score }) => [
      rule,
      score.category,
      String(score.right + score.missed.length),
      percent(precision(score)),
      percent(recall(score)),
    ]),
  ),
);
if (values.misses) for (const { score } of rows) printMisses(score);

function printMisses({ category, missed, wrong }: Score): void {
  for (const text of missed) print(`missed ${category}: ${text}`);
  for (const text of wrong) print(`wrong ${category}: ${text}`);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
