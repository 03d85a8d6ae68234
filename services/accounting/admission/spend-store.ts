import type { SpendBucket } from '#bus';
import type { EngineState, LostAttempt, StoredAccount } from '#budgets';
import { type OpenTicket, scopeEntry, scopeName } from '#contracts';

/** Everything a new leader begins with, as the one before it has left it. */
export interface StoredSpend extends EngineState {
  /** When the stream stored the last event that is counted, by the server's clock. Unix milliseconds. */
  readonly storedAt: number;
  /** Ingresses that something may be held for. */
  readonly ingresses: readonly string[];
  /** Nobody has led before. */
  readonly isFirst?: boolean | undefined;
}

/**
 * Spend in the bucket `spend`: one entry for each scope, with the sequence of the last event in it, and the watermark: all events up to there are
 * in the entries. Entries go first and the watermark after them, so that whatever is interrupted is only counted again from further back,
 * which changes nothing. What is held for jobs that no ingress answers for is in a few entries beside them, by the job's id.
 */
export interface SpendStore {
  /** Undefined for a bucket that nobody has written to. Rejects while NATS is away. */
  load(): Promise<StoredSpend | undefined>;
  /** False when somebody else has written: this process does not lead any more. Rejects while NATS is away; then it may be tried again. */
  save(spend: StoredSpend): Promise<boolean>;
}

const WATERMARK = 'watermark';
const HELD_PREFIX = 'held.';
/** An entry stays well below NATS's usual limit for a message with ten thousand jobs. */
const HELD_ENTRIES = 32;
/** At a time: a write takes a fraction of a millisecond, and they share one connection. */
const WRITES = 200;

interface Watermark {
  readonly v: 1;
  readonly seq: number;
  readonly storedAt: number;
  readonly lost: readonly LostAttempt[];
  readonly ingresses: readonly string[];
}

export function createSpendStore(bucket: SpendBucket): SpendStore {
  const revisions = new Map<string, number>();
  /** Changes that could not be written yet. */
  const waiting = new Map<string, StoredAccount>();
  let written = '';
  const heldWritten = new Map<string, string>();

  const write = async (entry: string, value: object): Promise<boolean> => {
    const revision = await bucket.write(entry, JSON.stringify(value), revisions.get(entry) ?? 0);
    if (revision !== undefined) revisions.set(entry, revision);
    return revision !== undefined;
  };
  const writeAccounts = async (): Promise<boolean> => {
    for (;;) {
      const some = [...waiting].slice(0, WRITES);
      if (some.length === 0) return true;
      const taken = await Promise.all(
        some.map(async ([name, account]) => {
          const isTaken = await write(scopeEntry(account), { v: 1, ...account });
          if (isTaken && waiting.get(name) === account) waiting.delete(name);
          return isTaken;
        }),
      );
      if (taken.includes(false)) return false;
    }
  };

  const writeHeld = async (held: readonly OpenTicket[]): Promise<boolean> => {
    const parts = Map.groupBy(held, ({ job }) => heldEntry(job));
    for (const entry of new Set([...parts.keys(), ...heldWritten.keys()])) {
      const tickets = parts.get(entry) ?? [];
      const text = JSON.stringify(tickets);
      if (heldWritten.get(entry) === text) continue;
      if (!(await write(entry, { v: 1, tickets }))) return false;
      heldWritten.set(entry, text);
    }
    return true;
  };

  return {
    async load() {
      const entries = await bucket.readAll();
      revisions.clear();
      waiting.clear();
      for (const [entry, { revision }] of entries) revisions.set(entry, revision);
      const watermark = parseWatermark(entries.get(WATERMARK)?.text);
      if (watermark === undefined) return undefined;
      const isHeld = (entry: string): boolean => entry.startsWith(HELD_PREFIX);
      const accounts = [...entries].flatMap(([entry, { text }]) =>
        entry === WATERMARK || isHeld(entry) ? [] : (parseAccount(text) ?? []),
      );
      heldWritten.clear();
      const held = [...entries].flatMap(([entry, { text }]) => {
        if (!isHeld(entry)) return [];
        const { tickets } = JSON.parse(text) as { readonly tickets: readonly OpenTicket[] };
        heldWritten.set(entry, JSON.stringify(tickets));
        return tickets;
      });
      const { seq, storedAt, lost, ingresses } = watermark;
      return { seq, storedAt, lost, ingresses, accounts, held };
    },
    async save({ accounts, held, ...rest }) {
      for (const account of accounts) waiting.set(scopeName(account), account);
      const { seq, storedAt, lost, ingresses } = rest;
      const watermark: Watermark = { v: 1, seq, storedAt, lost, ingresses };
      const text = JSON.stringify(watermark);
      if (!(await writeHeld(held)) || !(await writeAccounts())) return false;
      if (text === written) return true;
      if (!(await write(WATERMARK, watermark))) return false;
      written = text;
      return true;
    },
  };
}

function heldEntry(job: string): string {
  let sum = 0;
  for (let at = 0; at < job.length; at += 1) sum = (sum * 31 + job.charCodeAt(at)) % HELD_ENTRIES;
  return `${HELD_PREFIX}${sum}`;
}

function parseWatermark(text: string | undefined): Watermark | undefined {
  if (text === undefined) return undefined;
  const value = JSON.parse(text) as Watermark;
  return value.v === 1 && Number.isSafeInteger(value.seq) ? value : undefined;
}

function parseAccount(text: string): StoredAccount | undefined {
  const { v, ...account } = JSON.parse(text) as StoredAccount & { readonly v: number };
  return v === 1 && typeof account.kind === 'string' ? account : undefined;
}
