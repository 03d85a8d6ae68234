import type { JobRequest, QueueClient } from '#client';
import { GatewayError, NO_USAGE } from '#contracts';
import { saveLineResults, type StoredBatch } from '#db';
import { readLines } from '../files/read-lines.ts';
import type { BatchesResources } from '../resources.ts';
import type { InFlight } from './in-flight.ts';
import { refusedLine, storedAnswer } from './line-output.ts';
import { isBatchError, readLine } from './read-line.ts';
import { LONGEST_LINE_BYTES } from './validate-input.ts';

export interface SubmitOptions {
  readonly client: QueueClient;
  readonly inFlight: InFlight;
  /** No more of them. */
  readonly stopped: () => boolean;
  readonly signal: AbortSignal;
}

/** Messages on their way to the server at a time. */
const MOST_SENDING = 64;
const LOOK_AGAIN_MS = 1_000;

/**
 * Publishes the batch's requests that are not over, in order, as others end. Resolves with `spent` when the batch's limit leaves room for
 * no more, with `stopped` when it was stopped, else when all are published.
 */
export async function submitLines(
  batch: StoredBatch,
  options: SubmitOptions,
  { db, store }: Pick<BatchesResources, 'db' | 'store'>,
): Promise<'all' | 'spent' | 'stopped'> {
  const { client, inFlight, stopped, signal } = options;
  const outcome: { end: 'all' | 'spent' | 'stopped' } = { end: 'all' };
  async function* requests(): AsyncGenerator<JobRequest> {
    for await (const line of readLines(store.read(batch.inputFileId), { longestBytes: LONGEST_LINE_BYTES })) {
      if (inFlight.isOver(line.line)) continue;
      const request = readLine(line, batch);
      // a batch with such a line was refused when it was made
      if (isBatchError(request)) continue;
      while (inFlight.room() === 'full' && !stopped()) await inFlight.change(LOOK_AGAIN_MS);
      const end = stopped() ? 'stopped' : inFlight.room();
      if (end === 'stopped' || end === 'spent') return void (outcome.end = end);
      inFlight.add(request.line);
      yield {
        group: batch.id,
        id: String(request.line),
        body: request.body,
        route: batch.endpoint,
        deadlineAt: batch.expiresAt.getTime(),
        headers: batch.headers,
      };
    }
  }
  const refusals: Promise<void>[] = [];
  const onRefused = ({ id }: JobRequest, error: Error): void => void refusals.push(refuse(Number(id), error));
  /** What the queue does not take for its own sake ends with its error. */
  const refuse = async (line: number, error: Error): Promise<void> => {
    if (!(error instanceof GatewayError)) throw error;
    const result = storedAnswer(refusedLine(batch.format, error, ''));
    await saveLineResults(db, { batch: batch.id, results: [{ line, state: 'failed', result, costUsd: '0', usage: NO_USAGE }] });
    inFlight.over(line, '0');
  };
  await client.submitMany(requests(), { inFlight: MOST_SENDING, signal, onRefused });
  await Promise.all(refusals);
  return stopped() ? 'stopped' : outcome.end;
}
