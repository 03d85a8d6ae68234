import type { AdmissionAsk, AdmissionReply } from '#contracts';

/** Asks that were refused while spares without a job stood in their way: they are decided once more when those have come back. */
export interface Recalls {
  /** Asks these ingresses for what they have no job for. */
  begin(ingresses: readonly string[]): void;
  /** Decides this ask once more when all have come back; false when none is under way. */
  await(waiting: WaitingAsk): boolean;
  returned(ingress: string, recall: number): void;
  close(): void;
}

export interface WaitingAsk {
  readonly ingress: string;
  readonly ask: AdmissionAsk;
}

interface Recall {
  readonly from: Set<string>;
  readonly waiting: WaitingAsk[];
  readonly timer: NodeJS.Timeout;
}

/**
 * An ingress that does not answer is as good as dead: what it has is over in seconds by itself. It is asked once, so this is waited for once. A
 * busy one may take some hundred milliseconds, and who is refused too early finds room unused. Shorter than an ingress waits until it asks again.
 */
const PATIENCE_MS = 700;

export interface RecallOptions {
  readonly epoch: number;
  readonly send: (ingress: string, reply: AdmissionReply) => void;
  /** All have come back, or won't. */
  readonly onOver: (waiting: readonly WaitingAsk[]) => void;
}

export function createRecalls({ epoch, send, onOver }: RecallOptions): Recalls {
  const recalls = new Map<number, Recall>();
  let last = 0;
  const end = (recall: number): void => {
    const ended = recalls.get(recall);
    if (ended === undefined) return;
    recalls.delete(recall);
    clearTimeout(ended.timer);
    onOver(ended.waiting);
  };
  return {
    begin(ingresses) {
      if (ingresses.length === 0) return;
      last += 1;
      const recall = last;
      // what has arrived while this process was busy is read first
      const timer = setTimeout(() => setImmediate(() => setImmediate(end, recall)), PATIENCE_MS).unref();
      recalls.set(recall, { from: new Set(ingresses), waiting: [], timer });
      for (const ingress of ingresses) send(ingress, { type: 'recall', epoch, recall });
    },
    await(waiting) {
      const begun = recalls.get(last);
      begun?.waiting.push(waiting);
      return begun !== undefined;
    },
    returned(ingress, recall) {
      const begun = recalls.get(recall);
      if (begun?.from.delete(ingress) === true && begun.from.size === 0) end(recall);
    },
    close() {
      for (const { timer } of recalls.values()) clearTimeout(timer);
      recalls.clear();
    },
  };
}
