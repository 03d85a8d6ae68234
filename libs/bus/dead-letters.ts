import { JetStreamApiError, type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import { DEAD_LETTER_HEADERS, DEAD_STREAM, type DeadKind, deadFilter, deadKind, RUNS_STREAM, type RunName, runSubject } from '#contracts';
import type { Bus } from './connect.ts';

export interface DeadLetter {
  /** Its sequence in the stream: its name. */
  readonly seq: number;
  readonly kind: DeadKind;
  readonly subject: string;
  readonly storedAt: Date;
  /** What is wrong with it. */
  readonly error: string;
  /** All of its headers but those of NATS itself. */
  readonly headers: Readonly<Record<string, string>>;
  readonly data: Uint8Array;
}

/** The dead letters of the installation. Every call rejects while the server can't say. */
export interface DeadLetterBox {
  /** The oldest first, of one kind or of all, behind a sequence. */
  list(options: { readonly kind?: DeadKind | undefined; readonly after: number; readonly limit: number }): Promise<DeadLetter[]>;
  find(seq: number): Promise<DeadLetter | undefined>;
  /** False when it was gone already. */
  remove(seq: number): Promise<boolean>;
  /** Resolves with how many there were. */
  purge(kind: DeadKind | undefined): Promise<number>;
  count(kind: DeadKind | undefined): Promise<number>;
  /** Takes the end of a run away, so that its job can have another. */
  reopenRun(name: RunName): Promise<void>;
}

const NOT_FOUND = new Set([404, 10037, 10043, 10057]);

export async function openDeadLetters(bus: Bus): Promise<DeadLetterBox> {
  const manager = await jetstreamManager(bus.nc, { checkAPI: false });
  return {
    async list({ kind, after, limit }) {
      const found: DeadLetter[] = [];
      let from = after + 1;
      while (found.length < limit) {
        const letter = await nextLetter(manager, from, deadFilter(kind));
        if (letter === undefined) break;
        found.push(letter);
        from = letter.seq + 1;
      }
      return found;
    },
    async find(seq) {
      // the next one may be another: a sequence whose message is gone has no answer of its own
      const letter = await nextLetter(manager, seq, deadFilter(undefined));
      return letter?.seq === seq ? letter : undefined;
    },
    remove: async (seq) => (await orUndefined(manager.streams.deleteMessage(DEAD_STREAM, seq, false))) === true,
    purge: async (kind) => (await manager.streams.purge(DEAD_STREAM, { filter: deadFilter(kind) })).purged,
    async count(kind) {
      const { state } = await manager.streams.info(DEAD_STREAM, { subjects_filter: deadFilter(kind) });
      return Object.values(state.subjects ?? {}).reduce((sum, messages) => sum + messages, 0);
    },
    reopenRun: async (name) => void (await manager.streams.purge(RUNS_STREAM, { filter: runSubject(name, 'end') })),
  };
}

async function nextLetter(manager: JetStreamManager, seq: number, filter: string): Promise<DeadLetter | undefined> {
  const message = await orUndefined(manager.direct.getMessage(DEAD_STREAM, { seq, next_by_subj: filter }));
  if (message === undefined || message === null) return undefined;
  const own = [...message.header].map(([name, [value = '']]): [string, string] => [name, value]);
  const headers = Object.fromEntries(own.filter(([name]) => !name.toLowerCase().startsWith('nats-')));
  return {
    seq: message.seq,
    kind: deadKind(message.subject),
    subject: message.subject,
    storedAt: message.time,
    error: headers[DEAD_LETTER_HEADERS.error] ?? '',
    headers,
    data: message.data,
  };
}

async function orUndefined<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    const code = error instanceof JetStreamApiError || (error instanceof Error && 'code' in error) ? Number(error.code) : 0;
    if (NOT_FOUND.has(code)) return undefined;
    throw error;
  }
}
