import { clearBatchLines, nextEndedLines, type StoredBatch, type StoredFile, stepBatch } from '#db';
import { removeFile, writeFile } from '../files/write-file.ts';
import type { BatchesResources } from '../resources.ts';
import { outputLine } from './line-output.ts';

/** Rows at a time: results of 20 kB each are then 4 MB. */
const ROWS = 200;

type Kind = 'output' | 'error';

/**
 * Writes the results into files, in the order of the input, and ends the batch. OpenAI has those that succeeded in one file and the others
 * in a second, Anthropic has all in one. A crash on the way leaves files that nobody is told of.
 */
export async function writeOutput(batch: StoredBatch, resources: BatchesResources): Promise<void> {
  const { db, instance } = resources;
  const good = batch.succeeded;
  const bad = batch.failed + batch.cancelled + batch.expired;
  const [hasOutput, hasErrors] = batch.format === 'openai-batch' ? [good > 0, bad > 0] : [good + bad > 0, false];
  const output = hasOutput ? await write('output', batch, resources) : undefined;
  const errors = hasErrors ? await write('error', batch, resources) : undefined;
  const state = batch.cancellingAt !== null ? 'cancelled' : batch.expired > 0 ? 'expired' : 'completed';
  const change = { state, outputFileId: output?.id ?? null, errorFileId: errors?.id ?? null } as const;
  const ended = await stepBatch(db, { runner: instance, id: batch.id, from: ['finalizing', 'cancelling'] }, change);
  if (ended !== undefined) return clearBatchLines(db, batch.id);
  for (const file of [output, errors]) if (file !== undefined) await removeFile(file.id, resources);
}

function write(kind: Kind, batch: StoredBatch, resources: BatchesResources): Promise<StoredFile> {
  const { limits, now, newId } = resources;
  const lifeMs = batch.outputSeconds === null ? limits.outputTtlMs : batch.outputSeconds * 1_000;
  const file = { id: newId('file-'), owner: batch.owner, filename: `${batch.id}_${kind}.jsonl`, purpose: 'batch_output' };
  return writeFile({ file, chunks: lines(kind, batch, resources), finish: () => ({ expiresAt: new Date(now() + lifeMs) }) }, resources);
}

async function* lines(kind: Kind, { id, format }: StoredBatch, { db }: BatchesResources): AsyncGenerator<Buffer> {
  let after = 0;
  for (;;) {
    const rows = await nextEndedLines(db, id, after, ROWS);
    const last = rows.at(-1);
    if (last === undefined) return;
    after = last.line;
    const wanted = format === 'openai-batch' ? rows.filter(({ state }) => (state === 'succeeded') === (kind === 'output')) : rows;
    if (wanted.length > 0) yield Buffer.from(wanted.map((row) => `${outputLine(format, id, row)}\n`).join(''));
  }
}
