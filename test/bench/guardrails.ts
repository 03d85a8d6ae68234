import { parseArgs } from 'node:util';
import { type GuardrailRule, PII_ENTITIES } from '#config';
import { createScanner, injectionScore } from '#guardrails';
import { table } from './table.ts';

/**
 * How long a megabyte takes, for every kind of rule, of plain text and of texts made to be slow: the best and the worst of some rounds, in milliseconds.
 *
 * npm run bench:guardrails -- --rounds 5
 */
const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } });
const ROUNDS = Number(values.rounds);
const SIZE = 1024 * 1024;
const LIMIT_MS = 50;

/** As texts come out of a request's JSON: in one piece. */
const parsed = (text: string): string => JSON.parse(JSON.stringify(text.slice(0, SIZE))) as string;
const fill = (unit: string): string => parsed(unit.repeat(Math.ceil(SIZE / unit.length)));
const numbered = (make: (index: number) => string): string => {
  let text = '';
  for (let index = 0; text.length < SIZE; index += 1) text += make(index);
  return parsed(text);
};

const TEXTS: Readonly<Record<string, string>> = {
  prose: fill('The quick brown fox jumps over the lazy dog, and 12 others watch from 3 hills. '),
  'all at signs': fill('a@'),
  'mail without end': fill('a.b-c@d.e-'),
  'one word': fill('a'),
  'one number': fill('1'),
  'single digits': fill('1 '),
  'cards that fail': fill('4111 1111 1111 1112 '),
  phones: numbered((index) => `+1 415 555 ${String(index % 10_000).padStart(4, '0')} `),
  'ibans that fail': fill('DE00 1234 5678 9012 3456 78 '),
  addresses: fill('2001:db8::8a2e:370:7334 203.0.113.7 '),
  'colons and dots': fill('1:.'),
  injections: fill('ignore all previous ignore previous all system prompt reveal '),
  'key names': fill('aws_secret_access_key = password: token="'),
  'key blocks': fill('-----BEGIN RSA PRIVATE KEY-----\n'),
  'addresses of databases': fill('postgres://a:'),
  'look-alikes': fill('іgnоrе \u200bаll '),
  'a denied word’s beginning': fill('blue blue falco '),
};

const words = (patterns: readonly string[]): GuardrailRule => ({
  kind: 'words',
  lists: [
    {
      category: 'w',
      phrases: Array.from({ length: 1_000 }, (_, index) => `word${index} and falcon${index}`).concat('blue falcon'),
      action: 'block',
    },
  ],
  allowed: [],
  patterns: patterns.map((pattern) => ({ category: 'p', pattern, action: 'block' })),
});
const finder = (rule: GuardrailRule) => {
  const scanner = createScanner(rule);
  return (text: string): unknown => scanner?.find(text, 0);
};
const RULES: Readonly<Record<string, (text: string) => unknown>> = {
  pii: finder({ kind: 'pii', entities: Object.fromEntries(PII_ENTITIES.map((entity) => [entity, 'mask'])), phoneRegions: ['US'] }),
  secrets: finder({ kind: 'secrets', action: 'mask' }),
  'words (1,001 phrases)': finder(words([])),
  'a pattern (a|aa)+[!?]$': finder({
    ...words([]),
    lists: [],
    patterns: [{ category: 'p', pattern: '(a|aa)+[!?]$', action: 'block' }],
  } as GuardrailRule),
  prompt_injection: injectionScore,
};

const rows = Object.entries(TEXTS).map(([name, text]) => [name, ...Object.values(RULES).map((run) => measure(run, text))]);
console.log(
  table(
    ['text', ...Object.keys(RULES)],
    rows.map((row) => row.map((cell) => (typeof cell === 'number' ? cell.toFixed(1) : cell))),
  ),
);
const worst = Math.max(...rows.flatMap((row) => row.filter((cell) => typeof cell === 'number')));
console.log(`\nslowest: ${worst.toFixed(1)} ms (limit ${LIMIT_MS} ms)`);
process.exitCode = worst > LIMIT_MS ? 1 : 0;

/** The middle one of the rounds, after one to warm up. */
function measure(run: (text: string) => unknown, text: string): number {
  run(text);
  const times = Array.from({ length: ROUNDS }, () => {
    const startedAt = performance.now();
    run(text);
    return performance.now() - startedAt;
  }).sort((a, b) => a - b);
  return times[Math.floor(times.length / 2)] ?? 0;
}
