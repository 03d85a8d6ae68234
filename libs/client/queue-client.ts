import { hash, randomInt, randomUUID } from 'node:crypto';
import { type Bus, type BusLog, connectBus, type DurableMessage, openStreamReader, publishDurably, type Stored } from '#bus';
import {
  cancelSubmissionSubject,
  encodeRun,
  groupEndsSubject,
  PUBLISHER_API,
  PUBLISHER_CONSUMERS,
  publisherConsumer,
  type RunCancel,
  RUNS_STREAM,
  runSubject,
} from '#contracts';
import { jobIdOf, type JobRequest, requireToken, submissionMessage } from './job-request.ts';
import { type JobResult, readResult } from './job-result.ts';
import { submitMany, type SubmitManyOptions, type SubmitManyOutcome } from './submit-many.ts';

export interface QueueClientOptions {
  /** SHA-256 (hex) of the virtual key that pays: `ownerOfKey`. */
  readonly owner: string;
  /** `nats://<seed>@host:port` of a publisher, or a connection of a process that may use all names. */
  readonly connection: { readonly url: string; readonly log?: BusLog | undefined } | { readonly bus: Bus };
}

export interface ResultsOptions {
  readonly group: string;
  /** `place` of the last result that is known; the first one otherwise. */
  readonly after?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Jobs of one virtual key, by way of the queue. */
export interface QueueClient {
  readonly owner: string;
  /** Resolves when the queue has it: it will be run, or end with an error. Throws `GatewayError`, `StreamFull` or `StreamUnavailable`. */
  submit(request: JobRequest): Promise<{ readonly job: string; readonly duplicate: boolean }>;
  submitMany(requests: Iterable<JobRequest> | AsyncIterable<JobRequest>, options?: SubmitManyOptions): Promise<SubmitManyOutcome>;
  /** The ends of a group's jobs in the order in which they came, those that are stored and then those that come, until aborted. */
  results(options: ResultsOptions): AsyncGenerator<JobResult, void, void>;
  /** Asks for the end of a job, whether it runs or still waits; it then ends as `cancelled`, unless it was over. */
  cancel(name: Pick<JobRequest, 'group' | 'id'>): Promise<void>;
  close(): Promise<void>;
}

const GIVE_UP_AFTER_MS = 10_000;
/** Room for headers within the server's limit for a message. */
const HEADER_BYTES = 16 * 1024;
const QUIET: BusLog = { info: () => undefined, warn: () => undefined };

/** The owner whose jobs a virtual key's are. */
export function ownerOfKey(key: string): string {
  return hash('sha256', key);
}

export async function createQueueClient({ owner, connection }: QueueClientOptions): Promise<QueueClient> {
  requireToken('owner', owner);
  const isOwn = 'url' in connection;
  const bus = isOwn ? await connectBus({ url: connection.url, name: 'queue client', log: connection.log ?? QUIET }) : connection.bus;
  const mostBytes = (bus.nc.info?.max_payload ?? 1024 * 1024) - HEADER_BYTES;
  const store = async (request: JobRequest): Promise<Stored> =>
    publishDurably(bus, submissionMessage(owner, request, mostBytes), { giveUpAfterMs: GIVE_UP_AFTER_MS });
  return {
    owner,
    async submit(request) {
      const { duplicate } = await store(request);
      return { job: jobIdOf(owner, request), duplicate };
    },
    submitMany: (requests, options = {}) => submitMany(store, requests, options),
    results: (options) => readResults(bus, { ...options, owner, consumers: isOwn ? () => ownConsumers(owner) : anyConsumer }),
    async cancel({ group, id }) {
      requireToken('group', group);
      requireToken('id', id);
      await publishDurably(bus, cancelMessage(bus, { owner, group, id }), { giveUpAfterMs: GIVE_UP_AFTER_MS });
    },
    close: async () => (isOwn ? bus.close() : undefined),
  };
}

/** A publisher may not write to the stream of answers: its wish goes where its submissions go. */
function cancelMessage(bus: Bus, name: { readonly owner: string; readonly group: string; readonly id: string }): DurableMessage {
  const { owner, group } = name;
  const facts: RunCancel = { v: 1, at: Date.now() };
  const isPublisher = bus.apiPrefix === PUBLISHER_API;
  const subject = isPublisher ? cancelSubmissionSubject(name) : runSubject({ owner, group, job: jobIdOf(owner, name) }, 'cancel');
  return { subject, data: isPublisher ? new Uint8Array(0) : encodeRun(facts), messageId: subject };
}

interface ReadOptions extends ResultsOptions {
  readonly owner: string;
  readonly consumers: () => readonly string[];
}

async function* readResults(bus: Bus, { owner, group, after = 0, signal, consumers }: ReadOptions): AsyncGenerator<JobResult, void, void> {
  requireToken('group', group);
  const isAborted = (): boolean => signal?.aborted === true;
  if (isAborted()) return;
  const reader = await openStreamReader(bus, { stream: RUNS_STREAM, filterSubject: groupEndsSubject(owner, group), after, consumers });
  signal?.addEventListener('abort', reader.close, { once: true });
  // aborted while it was opened: that is not told again
  if (isAborted()) reader.close();
  try {
    for (;;) {
      const ends = await reader.next();
      if (ends.length === 0) return;
      for (const end of ends) {
        if (isAborted()) return;
        yield await readResult(bus, end);
      }
    }
  } finally {
    signal?.removeEventListener('abort', reader.close);
    reader.close();
  }
}

/** Begins anywhere, so that two clients seldom try the same one. */
function ownConsumers(owner: string): readonly string[] {
  const first = randomInt(PUBLISHER_CONSUMERS);
  return Array.from({ length: PUBLISHER_CONSUMERS }, (_, index) => publisherConsumer(owner, (first + index) % PUBLISHER_CONSUMERS));
}

function anyConsumer(): readonly string[] {
  return [`runs-${randomUUID()}`];
}
