/** Collects until the batch is full or its first item has waited `lingerMs`, whichever is first. */
export interface Batcher<T> {
  size(): number;
  add(item: T): void;
  /** The next batch, never empty until `end`. One caller at a time. */
  take(): Promise<readonly T[]>;
  /** What is there is a batch: nothing will join it soon. */
  ripen(): void;
  /** `take` hands out what is there at once, then empty batches. */
  end(): void;
  readonly ended: boolean;
}

interface BatcherOptions {
  readonly maxMessages: number;
  readonly lingerMs: number;
}

export function createBatcher<T>(options: BatcherOptions): Batcher<T> {
  let buffer: T[] = [];
  let ripe = false;
  let ended = false;
  let linger: NodeJS.Timeout | undefined;
  let wake = (): void => undefined;
  const ripen = (): void => {
    clearTimeout(linger);
    linger = undefined;
    ripe = true;
    wake();
  };
  return {
    size: () => buffer.length,
    ripen() {
      if (buffer.length > 0) ripen();
    },
    add(item) {
      buffer.push(item);
      if (buffer.length >= options.maxMessages) ripen();
      else linger ??= setTimeout(ripen, options.lingerMs);
    },
    async take() {
      // ripe alone is not enough: an empty batch would read as the end
      while (!ended && (!ripe || buffer.length === 0)) await new Promise<void>((resolve) => (wake = resolve));
      // set for what is handed out now: it must not ripen what comes after
      clearTimeout(linger);
      linger = undefined;
      const batch = buffer.slice(0, options.maxMessages);
      buffer = buffer.slice(options.maxMessages);
      // what is left over has waited long enough; after `end` nothing waits any more
      ripe = ended || buffer.length > 0;
      return batch;
    },
    end() {
      ended = true;
      ripen();
    },
    get ended() {
      return ended;
    },
  };
}
