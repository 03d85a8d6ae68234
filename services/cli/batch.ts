import { existsSync } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import { picoOf } from '#budgets';
import type { LineDefaults } from './batch/batch-line.ts';
import { stateFileOf } from './batch/batch-state.ts';
import { renderProgress } from './batch/batch-tally.ts';
import { estimateBatch, renderEstimate } from './batch/estimate-batch.ts';
import { type PriceOf, readPrices } from './batch/line-prices.ts';
import { dropFailed } from './batch/output-file.ts';
import { createProgressLine } from './batch/progress-line.ts';
import { type BatchOutcome, runBatch } from './batch/run-batch.ts';
import { ApiError, type GatewayFlags, openGatewayApi, runCommand, withGatewayFlags } from './gateway-api.ts';
import { openQueue, type QueueFlags, withQueueFlags } from './queue-connection.ts';

interface RunFlags extends GatewayFlags, QueueFlags {
  readonly out?: string | undefined;
  readonly model?: string | undefined;
  readonly endpoint: string;
  readonly inFlight: number;
  readonly maxSpend?: bigint;
  readonly deadline?: number;
  readonly dryRun?: boolean;
  readonly retryFailed?: boolean;
}

const IN_FLIGHT = 5_000;
/** As shells have it for Ctrl-C. */
const INTERRUPTED = 130;
const OVER_BUDGET = 3;

/** `headrace batch run FILE`: every line of a file as a job, and what became of it in another file. */
const program = new Command('headrace batch').description('Runs files of requests through the queue').exitOverride();
withQueueFlags(withGatewayFlags(program.command('run')))
  .description('runs every line of a JSONL file; run again after an interruption, it goes on where it was')
  .argument('<file>', 'a request a line: {"custom_id", "url", "body"} as in OpenAI batches, a body alone, or {"prompt": "…"}')
  .option('--out <file>', 'where the answers go, a line each (default: <file> with .out.jsonl)')
  .option('--model <name>', 'for lines that name none')
  .option('--endpoint <path>', 'for lines without "url"', '/v1/chat/completions')
  .option('--in-flight <count>', 'jobs under way at a time', wholeNumber, IN_FLIGHT)
  .option('--max-spend <usd>', 'submit nothing more when what has been spent, and what is under way, could come to more', money)
  .option('--deadline <hours>', 'how long a job may wait and run (default: 24)', hours)
  .option('--dry-run', 'say what it would cost, and run nothing')
  .option('--retry-failed', 'run the lines again that failed before')
  .addHelpText('after', '\nExit codes: 0 all lines succeeded, 1 some failed, 3 --max-spend is reached, 130 interrupted.')
  .action(async (file: string, flags: RunFlags) => {
    if (!existsSync(file)) throw new ApiError(`there is no file ${file}`);
    process.exitCode = flags.dryRun === true ? await dryRun(file, flags) : await run(file, flags);
  });
await runCommand(program, process.argv.slice(2));

async function dryRun(file: string, flags: RunFlags): Promise<number> {
  const priceOf = await readPrices(openGatewayApi(flags, process.env));
  process.stdout.write(renderEstimate(await estimateBatch(file, defaultsOf(flags), priceOf)));
  return 0;
}

async function run(file: string, flags: RunFlags): Promise<number> {
  const output = flags.out ?? `${file.replace(/\.jsonl$/, '')}.out.jsonl`;
  if (output === file) throw new ApiError('--out is the input itself: name another file');
  if (flags.retryFailed === true) await forgetFailed(output);
  const priceOf = flags.maxSpend === undefined ? (): undefined => undefined : await pricesFor(flags);
  const stop = new AbortController();
  const interrupt = (): void => stop.abort();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, interrupt);
  const client = await openQueue(flags, process.env);
  const startedAt = performance.now();
  const line = createProgressLine(process.stderr);
  try {
    const outcome = await runBatch(client, {
      input: file,
      output,
      defaults: defaultsOf(flags),
      inFlight: flags.inFlight,
      maxSpendPico: flags.maxSpend,
      deadlineMs: flags.deadline,
      priceOf,
      signal: stop.signal,
      onProgress: (progress) => line.show(() => renderProgress({ ...progress, elapsedMs: performance.now() - startedAt })),
    });
    line.end(renderProgress({ ...outcome, elapsedMs: performance.now() - startedAt }));
    return conclude(outcome, output);
  } finally {
    await client.close();
  }
}

function defaultsOf({ model, endpoint }: RunFlags): LineDefaults {
  return { model, endpoint };
}

async function pricesFor(flags: RunFlags): Promise<PriceOf> {
  return readPrices(openGatewayApi(flags, process.env));
}

async function forgetFailed(output: string): Promise<void> {
  if (existsSync(stateFileOf(output))) throw new ApiError(`${output} is not finished: run it to its end first, without --retry-failed`);
  process.stderr.write(`${await dropFailed(output)} lines failed before and are run again\n`);
}

function conclude({ ended, tally, total }: BatchOutcome, output: string): number {
  const rest = total - tally.done;
  if (ended === 'finished') return tally.failed === 0 ? 0 : 1;
  if (ended === 'spent') {
    process.stderr.write(`--max-spend is reached, ${rest} lines are left: run it again with more to go on\n`);
    return OVER_BUDGET;
  }
  process.stderr.write(`stopped with ${rest} lines to go. What is under way goes on; run it again to collect it in ${output}\n`);
  return INTERRUPTED;
}

function wholeNumber(text: string): number {
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It takes a whole number from 1.');
}

function money(text: string): bigint {
  try {
    return picoOf(text);
  } catch {
    throw new InvalidArgumentError('It takes an amount in US dollars, such as 2.50.');
  }
}

function hours(text: string): number {
  const value = Number(text);
  if (value > 0 && value <= 24 * 7) return value * 3_600_000;
  throw new InvalidArgumentError('It takes a number of hours, 168 at most.');
}
