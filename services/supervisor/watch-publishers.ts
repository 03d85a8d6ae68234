import { readFileSync, unwatchFile, watchFile } from 'node:fs';

export interface WatchPublishersOptions {
  readonly file: string;
  readonly pidFile: string;
  /** Writes the server's users anew. Throws when the list of publishers can't be read. */
  readonly writeUsers: () => void;
  readonly say: (text: string) => void;
}

const LOOK_EVERY_MS = 500;
/** nats-server 2.9.10 takes a new account at once, and what it may send to others when it reads its configuration for the second time. */
const AGAIN_MS = 250;

/**
 * When the list of publishers changes the server reads its users again (SIGHUP). It closes the connections of those who are gone and leaves the others
 * alone. Returns its end.
 */
export function watchPublishers({ file, pidFile, writeUsers, say }: WatchPublishersOptions): () => void {
  let again: NodeJS.Timeout | undefined;
  const tell = (write: () => void): void => {
    try {
      write();
      process.kill(Number(readFileSync(pidFile, 'utf8')), 'SIGHUP');
    } catch (error) {
      say(`publishers could not be changed: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  const reload = (): void => {
    tell(writeUsers);
    clearTimeout(again);
    again = setTimeout(() => tell(writeUsers), AGAIN_MS).unref();
  };
  // by looking, not by events: the file is replaced, and may not be there yet
  watchFile(file, { interval: LOOK_EVERY_MS, persistent: false }, reload);
  return () => {
    clearTimeout(again);
    unwatchFile(file, reload);
  };
}
