import { join } from 'node:path';
import { type LogFile, openLogFile } from './log-files.ts';

export interface ServiceLogs {
  readonly folder: string;
  write(service: string, line: string): void;
  close(): void;
}

/** One log file per service in `<data>/logs`, opened when its first line comes. */
export function openServiceLogs(dataDir: string): ServiceLogs {
  const folder = join(dataDir, 'logs');
  const files = new Map<string, LogFile>();
  const fileOf = (service: string) => {
    const known = files.get(service);
    if (known !== undefined) return known;
    const opened = openLogFile(join(folder, `${service}.log`));
    files.set(service, opened);
    return opened;
  };
  return {
    folder,
    write: (service, line) => fileOf(service).write(line),
    close: () => {
      for (const file of files.values()) file.close();
      files.clear();
    },
  };
}
