import { GatewayError } from '#contracts';
import { addBatchLines, type BatchError, clearBatchLines, findFile, type StoredBatch, stepBatch } from '#db';
import { readLines } from '../files/read-lines.ts';
import type { BatchesResources } from '../resources.ts';
import { type BatchRequest, isBatchError, readLine } from './read-line.ts';

/** Errors of one batch that are told. */
const MOST_ERRORS = 100;
const GROUP = 1_000;
/** A line is held in memory; what is longer can't be a request. */
export const LONGEST_LINE_BYTES = 64 * 1024 * 1024;

/**
 * Reads the input once, so that a batch with a broken line says so at once and runs nothing. Beginning anew after a crash gives the same.
 * Undefined when the batch is not `validating` any more.
 */
export async function validateInput(batch: StoredBatch, resources: BatchesResources): Promise<StoredBatch | undefined> {
  const { db, instance } = resources;
  await clearBatchLines(db, batch.id);
  const { errors, total, model } = await readInput(batch, resources);
  const step = { runner: instance, id: batch.id, from: ['validating'] } as const;
  if (errors.length > 0) return stepBatch(db, step, { state: 'failed', errors });
  return stepBatch(db, step, { state: 'in_progress', total, model });
}

interface Input {
  readonly errors: readonly BatchError[];
  readonly total: number;
  readonly model: string | null;
}

async function readInput(batch: StoredBatch, { db, store, limits }: BatchesResources): Promise<Input> {
  const errors: BatchError[] = [];
  let total = 0;
  let model: string | null = null;
  let group: BatchRequest[] = [];
  const add = async (): Promise<void> => {
    const twice = await addBatchLines(db, batch.id, group);
    for (const line of twice) errors.push(problem('duplicate_custom_id', line, 'custom_id', 'Another line has this custom_id.'));
    group = [];
  };
  const file = await findFile(db, batch.inputFileId, undefined);
  if (file === undefined) return { errors: [problem('file_not_found', null, 'input_file_id', 'The input file is gone.')], total, model };
  try {
    for await (const line of readLines(store.read(file.id), { longestBytes: LONGEST_LINE_BYTES })) {
      const read = readLine(line, batch);
      if (isBatchError(read)) errors.push(read);
      else {
        total += 1;
        group.push(read);
        if (typeof read.body['model'] === 'string') model ??= read.body['model'];
      }
      if (group.length === GROUP) await add();
      if (total > limits.maxRequests) {
        errors.push(problem('too_many_requests', line.line, null, `A batch has at most ${limits.maxRequests} requests.`));
      }
      if (errors.length >= MOST_ERRORS || total > limits.maxRequests) break;
    }
    await add();
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    errors.push(problem(error.code, Number(error.param), null, error.message));
  }
  if (total === 0 && errors.length === 0) errors.push(problem('empty_file', null, 'input_file_id', 'The input file has no requests.'));
  return { errors, total, model };
}

function problem(code: string, line: number | null, param: string | null, message: string): BatchError {
  return { code, line, param, message };
}
