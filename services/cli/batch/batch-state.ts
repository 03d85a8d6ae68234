import { randomUUID } from 'node:crypto';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { ApiError, isRecord } from '../gateway-api.ts';

/** What is kept beside the output while a batch is under way, so that another process can go on with it. */
export interface BatchState {
  /** Its jobs' group. Their ids in it are those of the lines, so whoever submits a line again submits the same job. */
  readonly group: string;
  /** Whose they are: with another key they would be other jobs. */
  readonly owner: string;
  /** All results up to here are in the output. */
  readonly place: number;
}

export function stateFileOf(output: string): string {
  return `${output}.headrace`;
}

/** Undefined where no batch is under way. Throws `ApiError` for a file that is none of ours, and for another owner's. */
export async function readState(file: string, owner: string): Promise<BatchState | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const { group, owner: found, place } = parse(text);
  if (typeof group !== 'string' || typeof found !== 'string' || typeof place !== 'number')
    throw new ApiError(`${file} can't be read: remove it to begin anew`);
  if (found !== owner) throw new ApiError(`${file}: this batch was begun with another key`);
  return { group, owner, place };
}

/** The file is there, on the disk, before the first job is submitted: without it a second run would be another batch. */
export async function beginState(file: string, owner: string): Promise<BatchState> {
  const state: BatchState = { group: `cli-${randomUUID()}`, owner, place: 0 };
  await writeState(file, state);
  return state;
}

export async function writeState(file: string, state: BatchState): Promise<void> {
  const temporary = `${file}.new`;
  const handle = await open(temporary, 'w');
  await handle.writeFile(`${JSON.stringify({ v: 1, ...state })}\n`);
  await handle.sync();
  await handle.close();
  await rename(temporary, file);
}

export async function endState(file: string): Promise<void> {
  await rm(file, { force: true });
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : {};
  } catch {
    return {};
  }
}
