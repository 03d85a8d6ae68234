import type { LineDefaults } from './batch-line.ts';
import { readBatchLine } from './batch-line.ts';
import { showUsd } from './batch-tally.ts';
import { estimateLine, type PriceOf } from './line-prices.ts';
import { readLines } from './read-lines.ts';

export interface BatchEstimate {
  readonly lines: number;
  /** `line 3: no model …`, the first ones. */
  readonly problems: readonly string[];
  readonly bad: number;
  readonly inputTokens: number;
  /** The most that is asked for by the lines that say so. */
  readonly outputTokens: number;
  /** Lines that don't say how long their answers may be. */
  readonly openEnded: number;
  readonly inputPico: bigint;
  readonly mostPico: bigint;
  /** Models of which no price is known. */
  readonly unpriced: ReadonlySet<string>;
}

const PROBLEMS_SHOWN = 10;

/** What a batch would cost, without running any of it. */
export async function estimateBatch(file: string, defaults: LineDefaults, priceOf: PriceOf): Promise<BatchEstimate> {
  const problems: string[] = [];
  const unpriced = new Set<string>();
  const sum = { lines: 0, bad: 0, inputTokens: 0, outputTokens: 0, openEnded: 0, inputPico: 0n, mostPico: 0n };
  for await (const text of readLines(file)) {
    if (text.text.trim() === '') continue;
    sum.lines += 1;
    const line = readBatchLine(text, defaults);
    if ('problem' in line) {
      sum.bad += 1;
      if (problems.length < PROBLEMS_SHOWN) problems.push(`line ${line.line}: ${line.problem}`);
      continue;
    }
    const { inputTokens, outputTokens, inputPico, mostPico } = estimateLine(line, priceOf);
    sum.inputTokens += inputTokens;
    sum.outputTokens += outputTokens ?? 0;
    if (outputTokens === undefined) sum.openEnded += 1;
    if (inputPico === undefined) unpriced.add(String(line.body['model']));
    sum.inputPico += inputPico ?? 0n;
    sum.mostPico += mostPico ?? inputPico ?? 0n;
  }
  return { ...sum, problems, unpriced };
}

export function renderEstimate(estimate: BatchEstimate): string {
  const { lines, bad, inputTokens, outputTokens, openEnded, inputPico, mostPico, unpriced, problems } = estimate;
  const count = (value: number): string => value.toLocaleString('en');
  return [
    `${count(lines)} lines, ${count(bad)} of them can't be run`,
    ...problems.map((problem) => `  ${problem}`),
    `input   about ${count(inputTokens)} tokens, ${showUsd(inputPico)}`,
    `output  at most ${count(outputTokens)} tokens`,
    ...(openEnded > 0 ? [`        and ${count(openEnded)} lines that set no max_tokens: their output is not in the estimate`] : []),
    `in all  at most ${showUsd(mostPico)}${openEnded > 0 ? ' and those answers' : ''}, with twice the input for what an estimate can be wrong by`,
    ...(unpriced.size > 0 ? [`no price is known for ${[...unpriced].join(', ')}: set one in model_info`] : []),
    '',
  ].join('\n');
}
