import { DiscardPolicy, type JetStreamManager, jetstreamManager, RetentionPolicy } from '@nats-io/jetstream';
import {
  decodeRun,
  encodeRun,
  groupCancelSubject,
  groupEndsSubject,
  type HeadMeta,
  isAnswerPart,
  parseRunSubject,
  RUN_CANCELS,
  type RunCancel,
  type RunClaim,
  type RunEnd,
  type RunFacts,
  type RunName,
  type RunPiece,
  type RunRequest,
  RUNS_STREAM,
  RUNS_SUBJECTS,
  runSubject,
} from '#contracts';
import type { Bus } from './connect.ts';
import { lastOf } from './document-store.ts';
import { followStream } from './follow-stream.ts';
import { publishAfter } from './publish-after.ts';
import { StreamFull } from './publish.ts';
import { ensureStream } from './topology.ts';

export interface RunStoreOptions {
  readonly ttlMs: number;
  /** Of all runs together. */
  readonly maxBytes: number;
}

/** One stored message of a run; `facts` is what its `part` says it is. */
export interface RunPart {
  readonly name: RunName;
  /** `claim`, `end`, `cancel`, `request`, or the number of a piece. */
  readonly part: string;
  readonly facts: RunFacts;
  readonly bytes: Uint8Array;
  readonly streamSeq: number;
}

export interface FoundRun {
  readonly name: RunName;
  readonly claim: RunClaim;
  /** Of the claim: everything else of the run is behind it. */
  readonly streamSeq: number;
}

/** `head` is undefined where the answer failed before it had one. */
export interface RunAnswer {
  readonly head: HeadMeta | undefined;
  readonly bytes: Uint8Array;
}

/**
 * What becomes of jobs that nobody waits for on a connection (`run-record.ts`). Every part is stored once: who comes second is told so.
 * Nothing in it is ever dropped for want of room: claims are refused when nine tenths are used, so that ends have room.
 */
export interface RunStore {
  /** Accepts a job: its claim's sequence, undefined when one of this name was accepted before. Throws `StreamFull`, `StreamUnavailable`. */
  claim(name: RunName, claim: RunClaim): Promise<number | undefined>;
  /** Stores a piece or an end; false when there is one of this number, or another end. Throws `StreamFull`, `StreamUnavailable`. */
  put(name: RunName, part: number | 'end', facts: RunPiece | RunEnd, bytes?: Uint8Array): Promise<boolean>;
  /** The accepted job; `*` in the place of its owner or group means any. */
  find(name: RunName): Promise<FoundRun | undefined>;
  findEnd(name: RunName): Promise<{ readonly end: RunEnd; readonly bytes: Uint8Array } | undefined>;
  /** Stores what was asked, once; false when it is there already. Only for bodies within the inline limit. Throws as `put`. */
  putRequest(name: RunName, request: RunRequest, body: Uint8Array): Promise<boolean>;
  /** What `putRequest` stored, by its full name. */
  findRequest(name: RunName): Promise<{ readonly request: RunRequest; readonly body: Uint8Array } | undefined>;
  /** The end, or the piece with the highest number; without either the claim, or undefined where a cancel or request came since. */
  lastPart(name: RunName): Promise<RunPart | undefined>;
  /** All of an answer that has ended: its pieces that count, and the `rest` behind them. Undefined when some of it is gone. */
  readAnswer(name: RunName, end: RunEnd, rest: Uint8Array): Promise<RunAnswer | undefined>;
  /** Every part behind a place in the stream, in order, and then those that come. Returns its end. */
  follow(name: RunName, options: { readonly after: number; readonly onPart: (part: RunPart) => void }): Promise<{ close(): void }>;
  /** The ends of all jobs from about now on; some before that are told too. Returns its end. */
  followEnds(onEnd: (part: RunPart) => void): Promise<{ close(): void }>;
  /** Names of accepted jobs, at most `limit`, those with the highest ids first. */
  list(owner: string, group: string, limit: number): Promise<readonly RunName[]>;
  /** Whether somebody has asked for its end, or that of its group, since it came (Unix milliseconds). */
  isCancelled(name: RunName, since: number): Promise<boolean>;
  /** Asks whoever runs it, or would, to end it. */
  cancel(name: RunName): Promise<void>;
  /** The same for all jobs of the group that were accepted before. */
  cancelGroup(owner: string, group: string): Promise<void>;
  /** All cancels that are kept, and those that come. Resolves when those are told that there were. */
  followCancels(onCancel: (cancel: StoredCancel) => void): Promise<{ close(): void }>;
}

export interface StoredCancel {
  readonly owner: string;
  readonly group: string;
  /** Undefined: of all jobs that were accepted before `at`. */
  readonly job: string | undefined;
  /** Unix milliseconds. */
  readonly at: number;
}

const DEDUPE_NS = 2 * 60 * 1e9;
const GIVE_UP_AFTER_MS = 10_000;
/** Above this share no more jobs are accepted. */
const MOST_USED = 0.9;
const LOOK_EVERY_MS = 1_000;
/** The server's clock may be behind. */
const ENDS_SINCE_MS = 2_000;
/** Reads at a time. */
const READS = 16;

/** Creates the stream, or gives it other limits. Safe to run from every process at once. */
export async function openRunStore(bus: Bus, options: RunStoreOptions): Promise<RunStore> {
  const manager = await jetstreamManager(bus.nc, { checkAPI: false });
  const stream = {
    name: RUNS_STREAM,
    subjects: [RUNS_SUBJECTS],
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.New,
    max_age: options.ttlMs * 1e6,
    max_bytes: options.maxBytes,
    duplicate_window: DEDUPE_NS,
  };
  await ensureStream(manager, stream, bus.nc.info?.cluster ? 3 : 1);
  return runStore(bus, manager, options);
}

function runStore(bus: Bus, manager: JetStreamManager, { maxBytes }: RunStoreOptions): RunStore {
  const requireRoom = roomKeeper(manager, maxBytes);
  const once = (subject: string, data: Uint8Array): Promise<number | undefined> =>
    publishAfter(bus, { subject, data }, { after: 0, giveUpAfterMs: GIVE_UP_AFTER_MS });
  const last = async (subject: string): Promise<RunPart | undefined> => {
    const message = await lastOf(manager, RUNS_STREAM, subject);
    return message && runPart({ subject: message.subject, data: message.data, streamSeq: message.seq });
  };
  /** A cancel that is there already is as good as this one. */
  const cancel = async (subject: string): Promise<void> => {
    const found = await last(subject);
    const facts: RunCancel = { v: 1, at: Date.now() };
    const message = { subject, data: encodeRun(facts) };
    await publishAfter(bus, message, { after: found?.streamSeq ?? 0, giveUpAfterMs: GIVE_UP_AFTER_MS });
  };
  return {
    async claim(name, claim) {
      await requireRoom();
      return once(runSubject(name, 'claim'), encodeRun(claim));
    },
    put: async (name, part, facts, bytes) => (await once(runSubject(name, part), encodeRun(facts, bytes))) !== undefined,
    async find(name) {
      // of any owner or group there is one at most: ids of jobs are unique
      const found = await last(runSubject(name, 'claim'));
      return found && { name: found.name, claim: found.facts as RunClaim, streamSeq: found.streamSeq };
    },
    async findEnd(name) {
      const found = await last(runSubject(name, 'end'));
      return found && { end: found.facts as RunEnd, bytes: found.bytes };
    },
    putRequest: async (name, request, body) => (await once(runSubject(name, 'request'), encodeRun(request, body))) !== undefined,
    async findRequest(name) {
      const found = await last(runSubject(name, 'request'));
      return found && { request: found.facts as RunRequest, body: found.bytes };
    },
    async lastPart(name) {
      const end = await last(runSubject(name, 'end'));
      if (end !== undefined) return end;
      const part = await last(runSubject(name, '*'));
      // a cancel or the request may be the last of all
      return part === undefined || part.part === 'claim' || isAnswerPart(part.part) ? part : lastPiece(name, last);
    },
    async readAnswer(name, { from = 0, pieces, head }, rest) {
      const parts: Uint8Array[] = [];
      let sent: HeadMeta | undefined;
      for (let at = from; at < pieces; at += READS) {
        const numbers = Array.from({ length: Math.min(READS, pieces - at) }, (_, index) => at + index);
        for (const piece of await Promise.all(numbers.map((number) => last(runSubject(name, number))))) {
          if (piece === undefined) return undefined;
          parts.push(piece.bytes);
          sent ??= (piece.facts as RunPiece).head;
        }
      }
      return { head: sent ?? head, bytes: Buffer.concat([...parts, rest]) };
    },
    follow: (name, { after, onPart }) =>
      followStream(bus, {
        stream: RUNS_STREAM,
        filterSubject: runSubject(name, '*'),
        after,
        onMessage: (message) => onPart(runPart(message)),
      }),
    followEnds: (onEnd) =>
      followStream(bus, {
        stream: RUNS_STREAM,
        filterSubject: groupEndsSubject('*', '*'),
        since: Date.now() - ENDS_SINCE_MS,
        onMessage: (message) => onEnd(runPart(message)),
      }),
    async list(owner, group, limit) {
      const info = await manager.streams.info(RUNS_STREAM, { subjects_filter: runSubject({ owner, group, job: '*' }, 'claim') });
      const names = Object.keys(info.state.subjects ?? {}).map(parseRunSubject);
      return names.toSorted((a, b) => (a.job < b.job ? 1 : -1)).slice(0, limit);
    },
    async isCancelled(name, since) {
      const [own, ofGroup] = await Promise.all([last(runSubject(name, 'cancel')), last(groupCancelSubject(name.owner, name.group))]);
      return own !== undefined || (ofGroup !== undefined && (ofGroup.facts as RunCancel).at >= since);
    },
    cancel: (name) => cancel(runSubject(name, 'cancel')),
    cancelGroup: (owner, group) => cancel(groupCancelSubject(owner, group)),
    followCancels: (onCancel) => followCancels(bus, onCancel),
  };
}

/** Numbers have no gaps: the highest is found by doubling, then by halving. */
async function lastPiece(name: RunName, last: (subject: string) => Promise<RunPart | undefined>): Promise<RunPart | undefined> {
  const at = (number: number): Promise<RunPart | undefined> => last(runSubject(name, number));
  let found = await at(0);
  if (found === undefined) return undefined;
  let [low, high] = [0, 1];
  for (let next = await at(high); next !== undefined; next = await at(high)) [found, low, high] = [next, high, high * 2];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    const piece = await at(middle);
    if (piece === undefined) high = middle;
    else [found, low] = [piece, middle];
  }
  return found;
}

/** Throws `StreamFull` where a new job would take the room of those that were accepted. */
function roomKeeper(manager: JetStreamManager, maxBytes: number): () => Promise<void> {
  let looked: Promise<number> | undefined;
  let lookedAt = 0;
  const look = async (): Promise<number> => {
    try {
      return (await manager.streams.info(RUNS_STREAM)).state.bytes;
    } catch {
      // the stream itself refuses what it can't take
      return 0;
    }
  };
  return async () => {
    if (looked === undefined || performance.now() - lookedAt > LOOK_EVERY_MS) {
      lookedAt = performance.now();
      const next = look();
      // the first one waits, the others go by the last figure
      looked = looked === undefined ? next : looked;
      void next.then(() => (looked = next));
    }
    if ((await looked) > maxBytes * MOST_USED) throw new StreamFull(`the stream ${RUNS_STREAM} has no room for more jobs`);
  };
}

async function followCancels(bus: Bus, onCancel: (cancel: StoredCancel) => void): Promise<{ close(): void }> {
  const onMessage = (message: { readonly subject: string; readonly data: Uint8Array; readonly streamSeq: number }): void => {
    const [, owner = '', group = '', job = '', part] = message.subject.split('.');
    const { at } = decodeRun<RunCancel>(message.data).facts;
    onCancel({ owner, group, job: part === undefined ? undefined : job, at });
  };
  const followers = await Promise.all(
    RUN_CANCELS.map((filterSubject) => followStream(bus, { stream: RUNS_STREAM, filterSubject, onMessage })),
  );
  await Promise.all(followers.map(({ caughtUp }) => caughtUp));
  return { close: () => followers.forEach((follower) => follower.close()) };
}

function runPart(message: { readonly subject: string; readonly data: Uint8Array; readonly streamSeq: number }): RunPart {
  const { part, ...name } = parseRunSubject(message.subject);
  const { facts, bytes } = decodeRun<RunFacts>(message.data);
  return { name, part, facts, bytes, streamSeq: message.streamSeq };
}
