import { parseArgs } from 'node:util';
import { BUILT_IN_WEIGHTS, createScorer, readModel, routedText } from '#router';
import { table } from './table.ts';

/**
 * What the choice of an auto group costs the ingress: microseconds to score the last question of a request, by its length.
 *
 * node test/bench/auto-routing.ts --scores 2000 --rounds 7
 */
const { values } = parseArgs({ options: { scores: { type: 'string', default: '2000' }, rounds: { type: 'string', default: '7' } } });
const SCORES = Number(values.scores);
const ROUNDS = Number(values.rounds);
const LIMIT_US = 1_000;

/** Words that differ, so that nothing is found in a cache. */
const WORDS = Array.from({ length: 4_000 }, (_, at) => `word${(at * 2_654_435_761) % 99_991}`);
const textOf = (chars: number, start: number): string => {
  let text = '';
  for (let at = start; text.length < chars; at += 1) text += `${WORDS[at % WORDS.length]} `;
  return text.slice(0, chars);
};

const before = performance.now();
const score = createScorer(readModel(BUILT_IN_WEIGHTS));
const loadMs = performance.now() - before;

const median = (list: number[]): number => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)] ?? 0;

function measure(chars: number): number[] {
  const requests = Array.from({ length: 100 }, (_, at) => ({ messages: [{ role: 'user', content: textOf(chars, at * 7) }] }));
  const round = (): number => {
    const start = performance.now();
    for (let at = 0; at < SCORES; at += 1) score(routedText(requests[at % requests.length] ?? {}));
    return ((performance.now() - start) * 1_000) / SCORES;
  };
  round();
  return Array.from({ length: ROUNDS }, round);
}

const rows = [50, 300, 1_000, 3_000, 100_000].map((chars) => ({ chars, us: measure(chars) }));
console.log(`weights loaded in ${loadMs.toFixed(1)} ms`);
console.log(
  table(
    ['characters', 'µs, median', 'worst round'],
    rows.map(({ chars, us }) => [String(chars), median(us).toFixed(1), Math.max(...us).toFixed(1)]),
  ),
);
const slowest = Math.max(...rows.map(({ us }) => median(us)));
if (slowest > LIMIT_US) {
  console.error(`${slowest.toFixed(0)} µs is more than ${LIMIT_US}`);
  process.exitCode = 1;
}
