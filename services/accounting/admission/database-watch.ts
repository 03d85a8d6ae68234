export interface DatabaseWatch {
  close(): void;
}

export interface DatabaseWatchOptions {
  readonly ping: () => Promise<unknown>;
  readonly onChange: (isUp: boolean) => void;
  readonly now: () => number;
}

const PING_MS = 2_000;
/** A restart of the database is no reason to refuse anybody. */
const PATIENCE_MS = 10_000;

/** Tells when the database has been away for 10 s, and when it is back. */
export function watchDatabase({ ping, onChange, now }: DatabaseWatchOptions): DatabaseWatch {
  let upAt = now();
  let isUp = true;
  let isClosed = false;
  let timer: NodeJS.Timeout | undefined;
  const look = async (): Promise<void> => {
    const answers = await ping().then(
      () => true,
      () => false,
    );
    if (isClosed) return;
    if (answers) upAt = now();
    const isUpNow = now() - upAt < PATIENCE_MS;
    if (isUpNow !== isUp) onChange(isUpNow);
    isUp = isUpNow;
    timer = setTimeout(() => void look(), PING_MS);
  };
  void look();
  return {
    close() {
      isClosed = true;
      clearTimeout(timer);
    },
  };
}
