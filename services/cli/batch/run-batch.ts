import type { JobRequest, JobResult, QueueClient } from '#client';
import { picoOf } from '#budgets';
import { type BadLine, type BatchLine, type LineDefaults, readBatchLine } from './batch-line.ts';
import { type BatchState, beginState, endState, readState, stateFileOf, writeState } from './batch-state.ts';
import { type BatchTally, createBatchTally } from './batch-tally.ts';
import { estimateLine, type PriceOf } from './line-prices.ts';
import { openOutput, type OutputFile } from './output-file.ts';
import { badLineRecord, outcomeOf, outputRecord } from './output-record.ts';
import { readLines } from './read-lines.ts';
import { createSpendLimit, type SpendLimit } from './spend-limit.ts';

export interface RunBatchOptions {
  readonly input: string;
  readonly output: string;
  readonly defaults: LineDefaults;
  /** Jobs under way at a time. */
  readonly inFlight: number;
  readonly maxSpendPico?: bigint | undefined;
  readonly priceOf: PriceOf;
  /** How long a job may take from its submission on. */
  readonly deadlineMs?: number | undefined;
  readonly signal: AbortSignal;
  readonly onProgress?: ((progress: BatchProgress) => void) | undefined;
}

export interface BatchProgress {
  readonly tally: BatchTally;
  readonly total: number;
  /** Lines that an earlier run had done. */
  readonly recalled: number;
}

/** `finished`: every line is in the output. `stopped`: the rest is for the next run, as what is under way. `spent`: the rest would cost too much. */
export interface BatchOutcome extends BatchProgress {
  readonly ended: 'finished' | 'stopped' | 'spent';
}

interface Running extends BatchProgress {
  readonly options: RunBatchOptions;
  readonly client: QueueClient;
  readonly file: OutputFile;
  readonly limit: SpendLimit;
  /** Lines that are not in the output, by their ids: the names their clients know them by. */
  readonly waiting: Map<string, string>;
  /** Ends both halves. */
  readonly stop: AbortController;
  /** Called whenever a line is over. */
  wake: () => void;
}

const STATE_EVERY_MS = 1_000;
const FLUSH_AT = 500;

/**
 * Submits the lines of a file that are not in the output, and writes what becomes of them to it, in the order in which they end. May be
 * killed at any time: the next run with the same files goes on, and a line's job is the same job then. Throws `ApiError`.
 */
export async function runBatch(client: QueueClient, options: RunBatchOptions): Promise<BatchOutcome> {
  const stateFile = stateFileOf(options.output);
  const waiting = await readIds(options);
  const total = waiting.size;
  const found = await readState(stateFile, client.owner);
  const { file, outcomes } = await openOutput(options.output);
  const tally = createBatchTally();
  for (const outcome of outcomes) if (waiting.delete(outcome.id)) tally.recall(outcome);
  const limit = createSpendLimit({ maxPico: options.maxSpendPico, spentPico: tally.spentPico });
  const stop = new AbortController();
  const running: Running = { options, client, file, limit, waiting, stop, tally, total, recalled: tally.done, wake: () => undefined };
  const forward = (): void => {
    stop.abort();
    running.wake();
  };
  options.signal.addEventListener('abort', forward, { once: true });
  try {
    if (waiting.size > 0 && !options.signal.aborted) {
      const state = found ?? (await beginState(stateFile, client.owner));
      const [isOver] = await Promise.all([submitLines(running, state), collectResults(running, state, stateFile)]);
      if (!isOver && !options.signal.aborted) return { ...running, ended: 'spent' };
    }
    if (waiting.size > 0) return { ...running, ended: 'stopped' };
    await endState(stateFile);
    return { ...running, ended: 'finished' };
  } finally {
    options.signal.removeEventListener('abort', forward);
    await file.close();
  }
}

async function readIds({ input, defaults }: RunBatchOptions): Promise<Map<string, string>> {
  const ids = new Map<string, string>();
  for await (const line of parsedLines(input, defaults)) ids.set(line.id, line.customId);
  return ids;
}

async function* parsedLines(input: string, defaults: LineDefaults): AsyncGenerator<BatchLine | BadLine> {
  for await (const line of readLines(input)) if (line.text.trim() !== '') yield readBatchLine(line, defaults);
}

/** Returns whether all lines could go. Ends when they are over. */
async function submitLines(running: Running, state: BatchState): Promise<boolean> {
  const { client, options, stop, waiting } = running;
  try {
    const left = { byMoney: 0 };
    await client.submitMany(requests(running, state, left), {
      signal: stop.signal,
      onRefused: ({ id }, error) => void refuse(running, id, error),
    });
    while (!stop.signal.aborted && waiting.size > left.byMoney) await nextEnd(running);
    return left.byMoney === 0;
  } catch (error) {
    if (!options.signal.aborted) throw error;
    return false;
  } finally {
    stop.abort();
  }
}

/** The lines that may go, each when it may. `left` says how many can't for want of money. */
async function* requests(running: Running, { group }: BatchState, left: { byMoney: number }): AsyncGenerator<JobRequest> {
  const { options, waiting, limit, stop } = running;
  for await (const line of parsedLines(options.input, options.defaults)) {
    if (!waiting.has(line.id)) continue;
    if ('problem' in line) {
      await writeBadLine(running, line);
      continue;
    }
    const mostPico = options.maxSpendPico === undefined ? undefined : estimateLine(line, options.priceOf).mostPico;
    while (!stop.signal.aborted && limit.underWay >= options.inFlight) await nextEnd(running);
    let isReserved = limit.tryReserve(line.id, mostPico);
    while (!stop.signal.aborted && !isReserved && limit.underWay > 0) {
      await nextEnd(running);
      isReserved = limit.tryReserve(line.id, mostPico);
    }
    if (stop.signal.aborted) return;
    if (!isReserved) left.byMoney += 1;
    // an earlier run submitted it, and it ended meanwhile
    else if (!waiting.has(line.id)) limit.settle(line.id, 0n);
    else yield requestOf(line, group, options);
  }
}

function requestOf({ id, route, body }: BatchLine, group: string, { deadlineMs }: RunBatchOptions): JobRequest {
  return { group, id, route, body, deadlineAt: deadlineMs === undefined ? undefined : Date.now() + deadlineMs };
}

function nextEnd(running: Running): Promise<void> {
  return new Promise((resolve) => (running.wake = resolve));
}

async function writeBadLine(running: Running, line: BadLine): Promise<void> {
  const { tally, file, waiting } = running;
  await file.append([badLineRecord(line)]);
  waiting.delete(line.id);
  tally.add({ id: line.id, failed: true, costUsd: '0', inputTokens: 0, outputTokens: 0 });
  running.options.onProgress?.(running);
}

/** The queue can't take it, however often it is asked: too large, or a name it does not allow. */
async function refuse(running: Running, id: string, error: Error): Promise<void> {
  const customId = running.waiting.get(id) ?? id;
  running.limit.settle(id, 0n);
  await writeBadLine(running, { line: Number(/^l(\d+)/.exec(id)?.[1] ?? 0), id, customId, problem: error.message.replace(/\.$/, '') });
  running.wake();
}

async function collectResults(running: Running, state: BatchState, stateFile: string): Promise<void> {
  try {
    await writeUntilStopped(running, state, stateFile);
  } finally {
    running.stop.abort();
    running.wake();
  }
}

async function writeUntilStopped(running: Running, state: BatchState, stateFile: string): Promise<void> {
  const { client, waiting, stop } = running;
  let place = state.place;
  let savedAt = performance.now();
  let gathered: JobResult[] = [];
  const save = async (): Promise<void> => {
    savedAt = performance.now();
    await writeState(stateFile, { ...state, place });
  };
  for await (const result of client.results({ group: state.group, after: place, signal: stop.signal })) {
    if (waiting.has(result.id)) gathered.push(result);
    place = result.place;
    if (result.behind > 0 && gathered.length < FLUSH_AT) continue;
    await writeResults(running, gathered);
    gathered = [];
    if (performance.now() - savedAt > STATE_EVERY_MS) await save();
  }
  await writeResults(running, gathered);
  await save();
}

async function writeResults(running: Running, results: readonly JobResult[]): Promise<void> {
  const { file, waiting, tally, limit, options } = running;
  if (results.length === 0) return;
  await file.append(results.map((result) => outputRecord(result, waiting.get(result.id) ?? result.id)));
  for (const result of results) {
    const outcome = outcomeOf(result);
    waiting.delete(result.id);
    tally.add(outcome);
    limit.settle(result.id, picoOf(outcome.costUsd));
  }
  options.onProgress?.(running);
  running.wake();
}
