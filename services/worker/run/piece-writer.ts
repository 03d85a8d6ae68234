import type { RunPart, RunStore } from '#bus';
import type { HeadMeta, JobMeta, RunEnd, RunName, RunPiece } from '#contracts';

/** Where a run's next piece goes. */
interface Place {
  /** The number of the next piece. */
  next: number;
  /** The first piece of this answer. */
  from: number;
}

export interface PieceWriter {
  /** Stores the next piece, for as long as it takes. Nothing once the job was taken over. */
  write(bytes: Uint8Array, head: HeadMeta | undefined): Promise<void>;
  /** False where there is another end, or will be. */
  end(facts: (place: Pick<RunEnd, 'pieces' | 'from'>) => RunEnd, bytes: Uint8Array): Promise<boolean>;
}

export interface PieceWriterOptions {
  readonly meta: JobMeta;
  readonly name: RunName;
  readonly delivery: number;
  readonly store: Pick<RunStore, 'put' | 'lastPart'>;
  readonly onOvertaken: () => void;
  readonly log: { warn(fields: object, message: string): void };
}

/** Between two tries while the stream is full or away. */
const AGAIN_MS = 1_000;

/**
 * Numbers the pieces of a run, over attempts and workers. A number is stored once: who finds its own taken looks who took it. A later
 * attempt or delivery, or an end, means that this one is overtaken and is to say nothing more; an earlier one has lost, and its pieces
 * are void: the answer begins anew behind them.
 */
export function createPieceWriter(options: PieceWriterOptions): PieceWriter {
  const { meta, name, delivery, store, onOvertaken } = options;
  const isFirst = meta.attempt === 1 && delivery === 1;
  /** Its first attempt left text that this one goes on with. */
  const goesOn = meta.sentRef !== undefined;
  let place: Place | undefined = isFirst ? { next: 0, from: 0 } : undefined;
  let isOvertaken = false;

  const overtake = (): void => {
    if (isOvertaken) return;
    isOvertaken = true;
    onOvertaken();
  };
  const lookAgain = async (): Promise<Place | undefined> => {
    const last = await untilDone(() => store.lastPart(name), options);
    const found = placeBehind(last, { meta, delivery, goesOn, isOurs: place !== undefined });
    if (found === undefined) overtake();
    else place = found;
    return found;
  };

  return {
    async write(bytes, head) {
      for (let at = place ?? (await lookAgain()); at !== undefined && !isOvertaken; at = await lookAgain()) {
        const isNew = at.next === at.from;
        const begins = isNew && at.from > 0 ? { restart: true } : {};
        const facts: RunPiece = { v: 1, attempt: meta.attempt, delivery, head, ...begins, from: at.from === 0 ? undefined : at.from };
        if (await untilDone(() => store.put(name, at.next, facts, bytes), options)) return void (at.next += 1);
      }
    },
    async end(facts, bytes) {
      const at = place ?? (await lookAgain());
      if (at === undefined || isOvertaken) return false;
      const end = facts({ pieces: at.next, from: at.from === 0 ? undefined : at.from });
      const isStored = await untilDone(() => store.put(name, 'end', end, bytes), options);
      if (!isStored) overtake();
      return isStored;
    },
  };
}

interface Ours {
  readonly meta: JobMeta;
  readonly delivery: number;
  readonly goesOn: boolean;
  /** It has written before. */
  readonly isOurs: boolean;
}

/** Undefined where somebody later has taken over. */
function placeBehind(last: RunPart | undefined, { meta, delivery, goesOn, isOurs }: Ours): Place | undefined {
  if (last === undefined || last.part === 'claim') return { next: 0, from: 0 };
  if (last.part === 'end') return undefined;
  const { attempt, delivery: theirs, from = 0 } = last.facts as RunPiece;
  const isLater = attempt > meta.attempt || (attempt === meta.attempt && (theirs > delivery || (theirs === delivery && isOurs)));
  if (isLater) return undefined;
  const next = Number(last.part) + 1;
  return { next, from: goesOn ? from : next };
}

/** A full or unreachable stream is asked again, for as long as it takes: the job stays unsettled until then. */
async function untilDone<T>(action: () => Promise<T>, { meta, log }: Pick<PieceWriterOptions, 'meta' | 'log'>): Promise<T> {
  for (;;) {
    try {
      return await action();
    } catch (error) {
      log.warn({ err: error, jobId: meta.id }, 'a part of a job’s answer could not be stored, trying on');
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }
}
