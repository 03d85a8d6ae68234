import { LEADERS_BUCKET } from '#contracts';
import { type CasBucket, openCasBucket } from './cas-bucket.ts';
import type { Bus } from './connect.ts';

/**
 * One leader among the processes that want the same thing: an entry that the leader writes anew every half second. No clock is compared with
 * another machine's: who waits measures by its own how long the entry has not changed, who leads how long ago its last renewal left.
 *
 * waiting ──the entry is free, or unchanged for 2 s──▶ leading ──somebody else has written, or `close`──▶ waiting
 *
 * A leader that could not renew for 1.5 s says so (`isFresh`) and must not act: the next one may have begun. When nobody has, it goes on.
 */
export interface LeaderLease {
  /** Whether this process leads and nobody else can: ask before each act. */
  isFresh(): boolean;
  /** Gives the lead back, so that the next one need not wait. */
  close(): Promise<void>;
}

export interface LeaseOptions {
  /** What is led. */
  readonly name: string;
  /** This process; different after a restart. */
  readonly holder: string;
  /** Higher than that of any leader before. Called once for each time the lead is won. */
  readonly onWon: (epoch: number) => void;
  /** Somebody else has it. Called once for each `onWon`. */
  readonly onLost: () => void;
}

const RENEW_MS = 500;
const LOOK_MS = 250;
const SILENCE_MS = 2_000;
const FRESH_MS = 1_500;

interface Held {
  revision: number;
  readonly epoch: number;
  /** When the last renewal that was taken left this process, by the monotonic clock. */
  renewedAt: number;
}

interface Seen {
  readonly revision: number;
  readonly since: number;
}

interface LeaseText {
  readonly holder: string;
  readonly epoch: number;
}

export async function openLeaderLease(bus: Bus, options: LeaseOptions): Promise<LeaderLease> {
  const bucket = await openCasBucket(bus, LEADERS_BUCKET);
  let held: Held | undefined;
  let seen: Seen | undefined;
  let closed = false;
  let timer: NodeJS.Timeout | undefined;

  const renew = async (mine: Held): Promise<void> => {
    const leftAt = performance.now();
    const revision = await bucket.write(options.name, textOf({ holder: options.holder, epoch: mine.epoch }), mine.revision);
    if (revision === undefined) {
      held = undefined;
      seen = undefined;
      options.onLost();
    } else Object.assign(mine, { revision, renewedAt: leftAt });
  };
  const look = async (): Promise<void> => {
    const { text, revision } = await bucket.read(options.name);
    const lease = parseLease(text);
    if (seen?.revision !== revision) seen = { revision, since: performance.now() };
    const isFree = lease === undefined || lease.holder === '';
    if (!isFree && performance.now() - seen.since < SILENCE_MS) return;
    await seize({ epoch: lease?.epoch ?? 0, revision });
  };
  const seize = async (before: { readonly epoch: number; readonly revision: number }): Promise<void> => {
    // also when the bucket was lost with all that was counted in it
    const epoch = Math.max(before.epoch + 1, Date.now());
    const leftAt = performance.now();
    const revision = await bucket.write(options.name, textOf({ holder: options.holder, epoch }), before.revision);
    if (revision === undefined || closed) return;
    held = { revision, epoch, renewedAt: leftAt };
    options.onWon(epoch);
  };
  const step = async (): Promise<void> => {
    try {
      await (held === undefined ? look() : renew(held));
    } catch {
      // silence while the connection is away says nothing
      seen = undefined;
    }
    if (!closed) timer = setTimeout(next, held === undefined ? LOOK_MS : RENEW_MS);
  };
  let running: Promise<void> = Promise.resolve();
  const next = (): void => void (running = step());
  next();

  return {
    isFresh: () => held !== undefined && !closed && performance.now() - held.renewedAt < FRESH_MS,
    async close() {
      closed = true;
      clearTimeout(timer);
      await running;
      if (held === undefined) return;
      const { epoch, revision } = held;
      held = undefined;
      if (bus.connected) await free(bucket, { name: options.name, epoch, revision });
    },
  };
}

/** The entry stays: the next leader's epoch must be higher. */
async function free(bucket: CasBucket, { name, epoch, revision }: { name: string; epoch: number; revision: number }): Promise<void> {
  await bucket.write(name, textOf({ holder: '', epoch }), revision).catch(() => undefined);
}

function textOf(lease: LeaseText): string {
  return JSON.stringify(lease);
}

function parseLease(text: string | undefined): LeaseText | undefined {
  if (text === undefined) return undefined;
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null || !('holder' in value) || !('epoch' in value)) return undefined;
  return { holder: String(value.holder), epoch: Number(value.epoch) };
}
