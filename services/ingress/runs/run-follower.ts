import type { RunPart, RunStore } from '#bus';
import type { RunName } from '#contracts';

/** Takes the parts of a run in order, at its own pace. */
export interface RunReader {
  /** It takes no more at the moment: `RunFollower.resume` when it does. */
  readonly backedUp: boolean;
  /** False: it has all it wants. */
  take(part: RunPart): boolean;
}

export interface RunFollowerOptions {
  readonly name: RunName;
  /** Of the run's claim. */
  readonly after: number;
  readonly store: Pick<RunStore, 'follow'>;
  readonly reader: RunReader;
}

/** What is held for a slow reader; more is asked for again when it has come so far. */
const HELD_BYTES = 1024 * 1024;
const TRY_AGAIN_MS = 500;

/**
 * Reads a run for one reader: what is stored, and then what comes, over a restart of NATS too.
 *
 * following ──reader is slow, and much is held──▶ paused ──reader has taken it──▶ following
 */
export class RunFollower {
  readonly #options: RunFollowerOptions;
  #held: RunPart[] = [];
  #heldBytes = 0;
  #after: number;
  #following: { close(): void } | undefined;
  #generation = 0;
  #isOver = false;

  constructor(options: RunFollowerOptions) {
    this.#options = options;
    this.#after = options.after;
    void this.#follow();
  }

  resume(): void {
    this.#pump();
    if (!this.#isOver && this.#following === undefined && this.#held.length === 0) void this.#follow();
  }

  close(): void {
    this.#isOver = true;
    this.#held = [];
    this.#pause();
  }

  #pause(): void {
    this.#generation += 1;
    this.#following?.close();
    this.#following = undefined;
  }

  async #follow(): Promise<void> {
    this.#generation += 1;
    const mine = this.#generation;
    const isCurrent = (): boolean => mine === this.#generation && !this.#isOver;
    // taken at once: a reader that resumes meanwhile is not to open another
    this.#following = { close: () => undefined };
    try {
      const following = await this.#options.store.follow(this.#options.name, {
        after: this.#after,
        onPart: (part) => {
          if (isCurrent()) this.#take(part);
        },
      });
      if (isCurrent()) this.#following = following;
      else following.close();
    } catch {
      setTimeout(() => void (isCurrent() && this.#follow()), TRY_AGAIN_MS).unref();
    }
  }

  #take(part: RunPart): void {
    if (part.streamSeq <= this.#after) return;
    this.#after = part.streamSeq;
    this.#held.push(part);
    this.#heldBytes += part.bytes.length;
    this.#pump();
    if (this.#heldBytes > HELD_BYTES) this.#pause();
  }

  #pump(): void {
    const { reader } = this.#options;
    while (!this.#isOver && !reader.backedUp) {
      const part = this.#held.shift();
      if (part === undefined) return;
      this.#heldBytes -= part.bytes.length;
      if (!reader.take(part)) this.close();
    }
  }
}
