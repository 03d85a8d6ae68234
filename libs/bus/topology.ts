import {
  AckPolicy,
  type ConsumerConfig,
  DeliverPolicy,
  DiscardPolicy,
  JetStreamApiError,
  type JetStreamManager,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
} from '@nats-io/jetstream';
import {
  BODIES_BUCKET,
  CANCEL_CONSUMER,
  DEAD_STREAM,
  DEAD_SUBJECTS,
  EVENTS_STREAM,
  EVENTS_SUBJECTS,
  jobConsumer,
  type JobRoute,
  JOBS_STREAM,
  JOBS_SUBJECTS,
  jobSubject,
  intakeConsumer,
  type Lane,
  parseHeldConsumer,
  SUBMIT_STREAM,
  SUBMIT_STREAM_SUBJECTS,
} from '#contracts';
import { Objm } from '@nats-io/obj';
import type { Bus } from './connect.ts';

const MINUTE_NS = 60 * 1e9;
const DAY_NS = 24 * 60 * MINUTE_NS;

/**
 * The dedupe window is what makes a redelivered attempt event count once on the way to the ledger, so it must be longer
 * than `ACK_WAIT_MS`; the ledger's unique key is the guard behind it. The server keeps every id of the window in memory.
 */
const DUPLICATE_WINDOW_NS = 2 * MINUTE_NS;

/** A worker that is silent for this long loses its job to the next one; running jobs extend it (`PulledJob.working`). */
export const ACK_WAIT_MS = 30_000;

/** Deliveries before a job counts as poison. The worker decides first; this is the server's backstop. */
export const MAX_DELIVERIES = 5;

export type ManagedStream = Pick<
  StreamConfig,
  'name' | 'subjects' | 'retention' | 'discard' | 'max_age' | 'max_bytes' | 'duplicate_window'
> &
  Partial<Pick<StreamConfig, 'max_msgs_per_subject'>>;

const STREAMS: readonly ManagedStream[] = [
  {
    name: JOBS_STREAM,
    subjects: [JOBS_SUBJECTS],
    retention: RetentionPolicy.Workqueue,
    // a full queue refuses new jobs with a clear error; it never drops an accepted one
    discard: DiscardPolicy.New,
    max_age: 3 * DAY_NS,
    max_bytes: 8 * 1024 ** 3,
    duplicate_window: DUPLICATE_WINDOW_NS,
  },
  {
    name: SUBMIT_STREAM,
    subjects: [...SUBMIT_STREAM_SUBJECTS],
    retention: RetentionPolicy.Workqueue,
    // a publisher whose submission does not fit is told so
    discard: DiscardPolicy.New,
    max_age: 7 * DAY_NS,
    max_bytes: 4 * 1024 ** 3,
    duplicate_window: DUPLICATE_WINDOW_NS,
  },
  {
    name: EVENTS_STREAM,
    subjects: [EVENTS_SUBJECTS],
    retention: RetentionPolicy.Limits,
    // money: the stream outlives a week without Postgres
    discard: DiscardPolicy.New,
    max_age: 7 * DAY_NS,
    max_bytes: -1,
    duplicate_window: DUPLICATE_WINDOW_NS,
  },
  {
    name: DEAD_STREAM,
    subjects: [DEAD_SUBJECTS],
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.Old,
    max_age: 30 * DAY_NS,
    max_bytes: 1024 ** 3,
    duplicate_window: DUPLICATE_WINDOW_NS,
  },
];

const BODY_TTL_NS = DAY_NS;

/** Creates or updates the streams and the body bucket. Safe to run from every process at once. */
export async function ensureTopology(bus: Bus): Promise<void> {
  const manager = await jetstreamManager(bus.nc, { checkAPI: false });
  const replicas = bus.nc.info?.cluster ? 3 : 1;
  for (const stream of STREAMS) await ensureStream(manager, stream, replicas);
  await new Objm(bus.nc).create(BODIES_BUCKET, { storage: StorageType.File, ttl: BODY_TTL_NS, replicas });
}

/** Creates a stream, or changes the limits of the one there is. */
export async function ensureStream(manager: JetStreamManager, stream: ManagedStream, replicas: number): Promise<void> {
  const current = await orUndefinedIfMissing(manager.streams.info(stream.name));
  if (!current) {
    await manager.streams.add({ ...stream, storage: StorageType.File, num_replicas: replicas, allow_direct: true });
  } else if (differs(current.config, stream)) {
    await manager.streams.update(stream.name, stream);
  }
}

function differs(current: StreamConfig, wanted: ManagedStream): boolean {
  return (['discard', 'max_age', 'max_bytes', 'duplicate_window'] as const).some((field) => current[field] !== wanted[field]);
}

/**
 * The durable pull consumer of one (lane, tier, provider). `consumers.add` is an upsert on servers before 2.10 and a strict
 * create after, hence look, then create. `max_waiting` can't be changed later.
 */
export async function ensureJobConsumer(bus: Bus, route: JobRoute): Promise<string> {
  const name = jobConsumer(route);
  await ensureConsumer(bus, JOBS_STREAM, {
    durable_name: name,
    filter_subject: jobSubject(route),
    ack_policy: AckPolicy.Explicit,
    deliver_policy: DeliverPolicy.All,
    ack_wait: ACK_WAIT_MS * 1e6,
    max_deliver: MAX_DELIVERIES + 1,
    max_ack_pending: 50_000,
    max_waiting: 8_192,
  });
  return name;
}

/** The consumer of a lane's submissions, or of those that wait for one owner's limits. Returns its name. */
export function ensureIntakeConsumer(bus: Bus, lane: Lane, heldOwner?: string): Promise<string> {
  return ensureSubmissionConsumer(bus, intakeConsumer(lane, heldOwner));
}

/** The consumer of what publishers want to have cancelled. Returns its name. */
export function ensureCancelConsumer(bus: Bus): Promise<string> {
  return ensureSubmissionConsumer(bus, CANCEL_CONSUMER);
}

async function ensureSubmissionConsumer(
  bus: Bus,
  { name, filterSubject }: { readonly name: string; readonly filterSubject: string },
): Promise<string> {
  await ensureConsumer(bus, SUBMIT_STREAM, {
    durable_name: name,
    filter_subject: filterSubject,
    ack_policy: AckPolicy.Explicit,
    deliver_policy: DeliverPolicy.All,
    ack_wait: ACK_WAIT_MS * 1e6,
    // no max_deliver: a submission may have to wait for its limit many times
    max_ack_pending: 20_000,
    max_waiting: 2_048,
  });
  return name;
}

/** Owners and lanes whose submissions wait for a limit, as of now. Rejects while NATS is away. */
export async function listHeldOwners(
  bus: Bus,
): Promise<readonly { readonly lane: Lane; readonly owner: string; readonly waiting: number }[]> {
  const manager = await jetstreamManager(bus.nc, { checkAPI: false });
  const held: { readonly lane: Lane; readonly owner: string; readonly waiting: number }[] = [];
  for await (const { name, num_pending, num_ack_pending } of manager.consumers.list(SUBMIT_STREAM)) {
    const parsed = parseHeldConsumer(name);
    if (parsed !== undefined) held.push({ ...parsed, waiting: num_pending + num_ack_pending });
  }
  return held;
}

export async function ensureConsumer(bus: Bus, stream: string, config: Partial<ConsumerConfig> & { durable_name: string }): Promise<void> {
  const manager = await jetstreamManager(bus.nc, { checkAPI: false });
  const current = await orUndefinedIfMissing(manager.consumers.info(stream, config.durable_name));
  if (!current) await manager.consumers.add(stream, config);
}

const STREAM_NOT_FOUND = 10059;
const CONSUMER_NOT_FOUND = 10014;

async function orUndefinedIfMissing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    const code = error instanceof JetStreamApiError ? error.code : 0;
    if (code === STREAM_NOT_FOUND || code === CONSUMER_NOT_FOUND) return undefined;
    throw error;
  }
}
