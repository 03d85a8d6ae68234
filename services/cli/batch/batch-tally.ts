import { picoOf, usdOf } from '#budgets';
import type { LineOutcome } from './output-record.ts';

/** What has become of a batch so far. */
export interface BatchTally {
  readonly done: number;
  readonly failed: number;
  readonly spentPico: bigint;
  /** Input and output of the lines that were counted here, for the rate. */
  readonly tokens: number;
  add(outcome: LineOutcome): void;
  /** A line that an earlier run has done: it counts, except for the rates. */
  recall(outcome: LineOutcome): void;
}

export function createBatchTally(): BatchTally {
  let done = 0;
  let failed = 0;
  let spentPico = 0n;
  let tokens = 0;
  const recall = (outcome: LineOutcome): void => {
    done += 1;
    if (outcome.failed) failed += 1;
    spentPico += picoOf(outcome.costUsd);
  };
  return {
    get done() {
      return done;
    },
    get failed() {
      return failed;
    },
    get spentPico() {
      return spentPico;
    },
    get tokens() {
      return tokens;
    },
    recall,
    add(outcome) {
      recall(outcome);
      tokens += outcome.inputTokens + outcome.outputTokens;
    },
  };
}

export interface ProgressFacts {
  readonly tally: Pick<BatchTally, 'done' | 'failed' | 'spentPico' | 'tokens'>;
  readonly total: number;
  /** Lines that an earlier run had done. */
  readonly recalled: number;
  readonly elapsedMs: number;
}

const BAR_WIDTH = 24;

/** One line: `[####----] 1,234/20,000 · 12 failed · $1.2345 · 5,210 tokens/s · 0:03:12 left`. */
export function renderProgress({ tally, total, recalled, elapsedMs }: ProgressFacts): string {
  const share = total === 0 ? 1 : Math.min(1, tally.done / total);
  const filled = Math.round(share * BAR_WIDTH);
  const seconds = Math.max(elapsedMs / 1_000, 0.001);
  const perSecond = (tally.done - recalled) / seconds;
  const parts = [
    `[${'#'.repeat(filled)}${'-'.repeat(BAR_WIDTH - filled)}] ${count(tally.done)}/${count(total)}`,
    `${count(tally.failed)} failed`,
    showUsd(tally.spentPico),
    `${count(Math.round(tally.tokens / seconds))} tokens/s`,
    tally.done >= total
      ? `${showTime(seconds)} in all`
      : `${perSecond === 0 ? '–:––:––' : showTime((total - tally.done) / perSecond)} left`,
  ];
  return parts.join(' · ');
}

const CENTS = 10n ** 8n;

/** With four decimal places; less than those as it is. */
export function showUsd(pico: bigint): string {
  if (pico !== 0n && pico < CENTS) return `$${usdOf(pico)}`;
  const tenThousandths = (pico + CENTS / 2n) / CENTS;
  const text = tenThousandths.toString().padStart(5, '0');
  return `$${text.slice(0, -4)}.${text.slice(-4)}`;
}

function count(value: number): string {
  return value.toLocaleString('en');
}

function showTime(seconds: number): string {
  const whole = Math.ceil(seconds);
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  return `${Math.floor(whole / 3_600)}:${two((whole % 3_600) / 60)}:${two(whole % 60)}`;
}
