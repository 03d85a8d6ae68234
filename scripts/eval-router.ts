import { parseArgs } from 'node:util';
import { bootstrapGap, type GapIntervals, gapIntervals, type Interval } from '../libs/router/bootstrap-gap.ts';
import { crossValidate, type FoldKey } from '../libs/router/cross-validate.ts';
import { type QualityGap, qualityGap, type RankedOutcome } from '../libs/router/quality-gap.ts';
import { DEFAULT_OUTCOMES, readOutcomes } from '../libs/router/read-outcomes.ts';
import { isWhole, type RoutingOutcome, type WholeOutcome } from '../libs/router/routing-outcome.ts';
import { seededRandom } from '../libs/router/seeded-random.ts';
import { TRAINING } from '../libs/router/train-model.ts';

const FOLDS = 5;
const SOURCE_FOLDS = 10;
const ROUNDS = 300;
const SEED = 11;

/** `npm run eval:router -- [--data PATH]`: what difficulty routing recovers of the quality gap, on prompts that its model has not seen. */
function main(): void {
  const { values } = parseArgs({ options: { data: { type: 'string' } } });
  const outcomes = readOutcomes(values.data ?? process.env['HEADRACE_ROUTING_OUTCOMES'] ?? DEFAULT_OUTCOMES);
  const whole = outcomes.filter(isWhole);
  print(describe(whole));
  const byPrompt = held(outcomes, FOLDS, ({ prompt }) => prompt);
  print(`\nFolds by prompt (${FOLDS}): other questions of the same sources were seen in training.\n`);
  print(HEAD);
  print(row('this model', byPrompt));
  print(randomRow(whole));
  for (const [set, ofSet] of Map.groupBy(byPrompt, ({ source }) => source.split('/')[0] ?? source)) print(row(`this model, ${set}`, ofSet));
  print(ENDS);
  print(`\nSources held out whole (${SOURCE_FOLDS} folds of them): nothing of a question’s source was seen in training.\n`);
  print(HEAD);
  print(
    row(
      'this model',
      held(outcomes, SOURCE_FOLDS, ({ source }) => source),
    ),
  );
  print(randomRow(whole));
}

const HEAD = `| router | outcomes | APGR | strong share for 50 % of the gap | for 80 % |\n|---|---:|---:|---:|---:|`;
const ENDS = `| always weak | | 0 % of the gap | never | never |\n| always strong | | 100 % of the gap | 100 % | 100 % |`;

function held(outcomes: readonly RoutingOutcome[], count: number, keyOf: FoldKey) {
  return crossValidate(outcomes, { count, keyOf }, TRAINING);
}

/** A new order each time. */
function randomRow(outcomes: readonly WholeOutcome[]): string {
  const random = seededRandom(SEED);
  const drawn = gapIntervals(ROUNDS, () => outcomes.map((outcome) => ({ ...outcome, score: random() })));
  return `| random | ${outcomes.length} | ${cells(drawn?.mean, drawn)} |`;
}

function describe(outcomes: readonly WholeOutcome[]): string {
  const share = (test: (outcome: WholeOutcome) => boolean): string => percent(outcomes.filter(test).length / outcomes.length);
  const right = `weak right ${share(({ weak }) => weak)}, strong right ${share(({ strong }) => strong)}`;
  return `${outcomes.length} outcomes: ${right}, strong alone ${share((one) => one.strong && !one.weak)}, weak alone ${share((one) => one.weak && !one.strong)}`;
}

function row(name: string, ranked: readonly RankedOutcome[]): string {
  return `| ${name} | ${ranked.length} | ${cells(qualityGap(ranked), bootstrapGap(ranked, ROUNDS, SEED))} |`;
}

function cells(gap: QualityGap | undefined, intervals: GapIntervals | undefined): string {
  if (gap === undefined || intervals === undefined) return 'no gap | |';
  const cell = (field: keyof QualityGap, show: (value: number) => string): string =>
    `${show(gap[field])} ${between(intervals[field], show)}`;
  return [cell('apgr', (value) => value.toFixed(3)), cell('cpt50', percent), cell('cpt80', percent)].join(' | ');
}

function between({ low, high }: Interval, show: (value: number) => string): string {
  return `(${show(low)} to ${show(high)})`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

try {
  main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
