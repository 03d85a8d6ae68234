/** A pull request that has not ended. */
export interface OpenPull {
  /** Messages it may still deliver. */
  left: number;
  /** Of one that the server answers at once, with or without a message: when that answer is overdue (Unix ms). Others wait. */
  readonly answerBy?: number | undefined;
  /** Unix ms. */
  readonly expiresAt: number;
}

/** The pulls of one consumer that are open, oldest first. */
export interface OpenPulls {
  /** Messages that they may still deliver. */
  readonly wanted: number;
  /** Those that do not wait and whose answer may still be on its way. */
  readonly trying: number;
  /** Returns the name it is answered by. */
  open(pull: OpenPull): string;
  isTry(id: string): boolean;
  /** False when it was not open any more. */
  close(id: string): boolean;
  /** Takes `count` off them, oldest first. Which pull a message belonged to is not said, and only the sum matters. */
  release(count: number): void;
  expiredBy(time: number): string[];
  clear(): void;
}

export function createOpenPulls(): OpenPulls {
  const pulls = new Map<string, OpenPull>();
  let nextId = 0;
  return {
    get wanted() {
      let sum = 0;
      for (const pull of pulls.values()) sum += pull.left;
      return sum;
    },
    get trying() {
      let sum = 0;
      const now = Date.now();
      for (const { answerBy } of pulls.values()) if (answerBy !== undefined && answerBy >= now) sum += 1;
      return sum;
    },
    open(pull) {
      const id = String(nextId++);
      pulls.set(id, pull);
      return id;
    },
    isTry: (id) => pulls.get(id)?.answerBy !== undefined,
    close: (id) => pulls.delete(id),
    release(count) {
      let rest = count;
      for (const [id, pull] of pulls) {
        const part = Math.min(rest, pull.left);
        pull.left -= part;
        rest -= part;
        if (pull.left <= 0) pulls.delete(id);
        if (rest === 0) return;
      }
    },
    expiredBy: (time) => [...pulls].flatMap(([id, { expiresAt }]) => (expiresAt < time ? [id] : [])),
    clear: () => pulls.clear(),
  };
}
