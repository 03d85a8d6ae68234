import { isAtLeast, type Level, readLogLine } from './human-line.ts';

export interface Terminal {
  /** Prints text for the person who started us. */
  say(text: string): void;
  /** Prints one line of a service's log when it matters at the chosen level. */
  show(service: string, line: string): void;
  /** Prints a warning of the supervisor itself. */
  warn(text: string): void;
}

export interface TerminalOptions {
  readonly threshold: Level;
  readonly write: (text: string) => void;
  readonly now: () => number;
}

/** The same warning of the same service is shown once in this time: an outage is one line, not a screen full. */
const REPEAT_AFTER_MS = 10_000;
const LONGEST_LINE = 400;

/** The supervisor's voice: what is said, and warnings and errors of the services, one line each. */
export function createTerminal(options: TerminalOptions): Terminal {
  const lastShown = new Map<string, number>();
  const showOnce = (service: string, level: Level, text: string) => {
    const now = options.now();
    const key = `${service} ${text}`;
    if (now - (lastShown.get(key) ?? -Infinity) < REPEAT_AFTER_MS) return;
    // Forgets everything now and then instead of keeping every text ever shown.
    if (lastShown.size > 500) lastShown.clear();
    lastShown.set(key, now);
    const time = new Date(now).toTimeString().slice(0, 8);
    const cut = text.length > LONGEST_LINE ? `${text.slice(0, LONGEST_LINE)}…` : text;
    options.write(`${time} ${level.padEnd(5)} ${service}: ${cut}\n`);
  };
  return {
    say: (text) => options.write(`${text}\n`),
    warn: (text) => showOnce('headrace', 'warn', text),
    show: (service, line) => {
      const entry = readLogLine(line);
      if (isAtLeast(entry.level, options.threshold)) showOnce(service, entry.level, entry.text);
    },
  };
}
