/** What asked a process to end. */
export type ShutdownCause = { readonly kind: 'signal'; readonly name: string } | { readonly kind: 'error'; readonly error: unknown };

export interface ShutdownOptions {
  /** Gives everything back; the process exits when it settles. */
  readonly release: (cause: ShutdownCause) => Promise<void>;
  /** Called for a repeated signal, before the exit. */
  readonly onSecondSignal?: (() => void) | undefined;
  /** What SIGHUP asks a service to read again; false when there is nothing, then SIGHUP ends it too. */
  readonly onHangup?: (() => boolean) | undefined;
}

/**
 * A terminal sends SIGINT to the whole foreground group and npm and the launcher pass it on as well: one Ctrl-C arrives up
 * to three times within milliseconds. Only a signal later than this is the user asking again. (This is why
 * close-with-grace is not used: it takes the copy for a second request and drops the shutdown.)
 */
const SAME_SIGNAL_WINDOW_MS = 400;

/**
 * Installs the process's way to end: SIGTERM, SIGINT, SIGHUP (unless that means to reload) or the loss of the parent's IPC channel release everything and exit
 * with 0; an uncaught error does the same and exits with 1; a second signal exits at once with 1.
 */
export function onShutdown(options: ShutdownOptions): void {
  let startedAt: number | undefined;
  const begin = (cause: ShutdownCause) => {
    if (startedAt === undefined) {
      startedAt = performance.now();
      const exitCode = cause.kind === 'error' ? 1 : 0;
      void options.release(cause).finally(() => process.exit(exitCode));
    } else if (cause.kind === 'signal' && cause.name !== 'disconnect' && performance.now() - startedAt > SAME_SIGNAL_WINDOW_MS) {
      options.onSecondSignal?.();
      process.exit(1);
    }
  };
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.on(name, () => begin({ kind: 'signal', name }));
  process.on('SIGHUP', () => {
    if (startedAt !== undefined || options.onHangup?.() !== true) begin({ kind: 'signal', name: 'SIGHUP' });
  });
  process.on('uncaughtException', (error) => begin({ kind: 'error', error }));
  process.on('unhandledRejection', (error) => begin({ kind: 'error', error }));
  if (process.send !== undefined) process.on('disconnect', () => begin({ kind: 'signal', name: 'disconnect' }));
}
