import type { JobResult, QueueClient } from '#client';
import { NO_USAGE } from '#contracts';
import { type LineResult, saveLineResults, type StoredBatch } from '#db';
import type { BatchesResources } from '../resources.ts';
import type { InFlight } from './in-flight.ts';
import { answerOf, storedAnswer } from './line-output.ts';

/** Stored together at most, and of so many bytes. */
const MOST_RESULTS = 250;
const MOST_BYTES = 4 * 1024 * 1024;

/**
 * Takes the results of a batch's jobs into the database as they come, until aborted. Its place among them is stored with them: whoever goes
 * on with the batch begins there.
 */
export async function collectEnds(
  batch: StoredBatch,
  { client, inFlight, signal }: { readonly client: QueueClient; readonly inFlight: InFlight; readonly signal: AbortSignal },
  { db }: Pick<BatchesResources, 'db'>,
): Promise<void> {
  let group: LineResult[] = [];
  let sizeBytes = 0;
  for await (const result of client.results({ group: batch.id, after: batch.resultsPlace, signal })) {
    group.push(lineResult(batch, result));
    sizeBytes += result.body.length;
    if (result.behind > 0 && group.length < MOST_RESULTS && sizeBytes < MOST_BYTES) continue;
    const results = group.filter(({ line }) => Number.isSafeInteger(line));
    [group, sizeBytes] = [[], 0];
    await saveLineResults(db, { batch: batch.id, results, place: result.place });
    for (const { line, costUsd } of results) inFlight.over(line, costUsd);
  }
}

function lineResult({ format }: StoredBatch, result: JobResult): LineResult {
  const { id, usage = NO_USAGE, cost } = result;
  const answer = answerOf(format, result);
  return { line: Number(id), state: answer.state, result: storedAnswer(answer), costUsd: cost?.totalUsd ?? '0', usage };
}
