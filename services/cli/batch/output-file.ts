import { once } from 'node:events';
import { type FileHandle, open, rename, stat, truncate } from 'node:fs/promises';
import { createWriteStream } from 'node:fs';
import { ApiError } from '../gateway-api.ts';
import { type LineOutcome, readOutcome } from './output-record.ts';
import { readLines } from './read-lines.ts';

export interface OutputFile {
  /** Written when it resolves: a process that is killed then has lost none of them. */
  append(records: readonly object[]): Promise<void>;
  close(): Promise<void>;
}

export interface OpenedOutput {
  readonly file: OutputFile;
  /** What an earlier run has written. */
  readonly outcomes: readonly LineOutcome[];
}

/** Opens an output to go on with it. A line that a killed process left half written is cut off. */
export async function openOutput(path: string): Promise<OpenedOutput> {
  const outcomes = await readOutcomes(path);
  const handle = await open(path, 'a');
  return { file: outputFile(handle), outcomes };
}

async function readOutcomes(path: string): Promise<LineOutcome[]> {
  if (!(await exists(path))) return [];
  const outcomes: LineOutcome[] = [];
  let wholeUntil = 0;
  for await (const { number, text, whole, endsAt } of readLines(path)) {
    if (!whole) break;
    const outcome = readOutcome(text);
    if (outcome === undefined) throw new ApiError(`${path}:${number} is not the output of a batch: name another file with --out`);
    outcomes.push(outcome);
    wholeUntil = endsAt;
  }
  await truncate(path, wholeUntil);
  return outcomes;
}

function outputFile(handle: FileHandle): OutputFile {
  return {
    async append(records) {
      await handle.appendFile(records.map((record) => `${JSON.stringify(record)}\n`).join(''));
    },
    close: () => handle.close(),
  };
}

/** Leaves out the lines that failed, so that they are run again. Returns how many there were. */
export async function dropFailed(path: string): Promise<number> {
  if (!(await exists(path))) return 0;
  let dropped = 0;
  const temporary = `${path}.new`;
  const stream = createWriteStream(temporary);
  for await (const { text, whole } of readLines(path)) {
    if (!whole) break;
    if (readOutcome(text)?.failed === true) dropped += 1;
    else if (!stream.write(`${text}\n`)) await once(stream, 'drain');
  }
  stream.end();
  await once(stream, 'close');
  await rename(temporary, path);
  return dropped;
}

export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
