import { StreamFull, StreamUnavailable, type Stored } from '#bus';
import type { JobRequest } from './job-request.ts';

export interface SubmitManyOptions {
  /** Submissions that wait for the server's word at a time; 512 unless said otherwise. */
  readonly inFlight?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** In no certain order. */
  readonly onSubmitted?: ((request: JobRequest, stored: Stored) => void) | undefined;
  /** A request that can never be submitted; without it the whole call rejects with its error. */
  readonly onRefused?: ((request: JobRequest, error: Error) => void) | undefined;
}

export interface SubmitManyOutcome {
  readonly submitted: number;
  /** Of those, the ones that were in the queue already. */
  readonly duplicates: number;
  readonly refused: number;
}

const IN_FLIGHT = 512;
const FULL_PAUSE_MS = 500;

/**
 * Submits as fast as the server stores, with a bounded number under way, and asks for the next request only then. While the queue is full or
 * away it waits. Rejects with the first request that can't be submitted unless `onRefused` takes it, and when aborted.
 */
export async function submitMany(
  submit: (request: JobRequest) => Promise<Stored>,
  requests: Iterable<JobRequest> | AsyncIterable<JobRequest>,
  { inFlight = IN_FLIGHT, signal, onSubmitted, onRefused }: SubmitManyOptions,
): Promise<SubmitManyOutcome> {
  const count = { submitted: 0, duplicates: 0, refused: 0 };
  let underWay = 0;
  let failure: Error | undefined;
  let wake = (): void => undefined;
  const refuse = (request: JobRequest, error: Error): void => {
    count.refused += 1;
    if (onRefused) onRefused(request, error);
    else failure ??= error;
  };
  const start = async (request: JobRequest): Promise<void> => {
    underWay += 1;
    try {
      const stored = await submitPatiently(submit, request, signal);
      count.submitted += 1;
      if (stored.duplicate) count.duplicates += 1;
      onSubmitted?.(request, stored);
    } catch (error) {
      if (signal?.aborted !== true) refuse(request, error instanceof Error ? error : new Error(String(error)));
    } finally {
      underWay -= 1;
      wake();
    }
  };
  const settled = () => new Promise<void>((resolve) => (wake = resolve));
  for await (const request of requests) {
    signal?.throwIfAborted();
    void start(request);
    while (underWay >= inFlight) await settled();
    if (failure) break;
  }
  while (underWay > 0) await settled();
  if (failure) throw failure;
  signal?.throwIfAborted();
  return count;
}

async function submitPatiently(
  submit: (request: JobRequest) => Promise<Stored>,
  request: JobRequest,
  signal: AbortSignal | undefined,
): Promise<Stored> {
  for (;;) {
    try {
      return await submit(request);
    } catch (error) {
      if (!(error instanceof StreamFull) && !(error instanceof StreamUnavailable)) throw error;
      signal?.throwIfAborted();
      await new Promise((resolve) => setTimeout(resolve, FULL_PAUSE_MS));
    }
  }
}
