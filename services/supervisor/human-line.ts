/** Levels in the order of their weight; the position is the weight. */
export const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;

export type Level = (typeof LEVELS)[number];

/** One line of a child's output, as far as the terminal needs to know it. */
export interface LogEntry {
  readonly level: Level;
  readonly text: string;
}

export function isAtLeast(level: Level, threshold: Level): boolean {
  return LEVELS.indexOf(level) >= LEVELS.indexOf(threshold);
}

/**
 * What a line of a service (JSON), nats-server (`[pid] date [WRN] text`) or Postgres (`date [pid] WARNING:  text`) says.
 * A line of none of these forms is what a dying process writes: `info`, so that it is in the file and not on the terminal.
 */
export function readLogLine(line: string): LogEntry {
  return readJsonLine(line) ?? readNatsLine(line) ?? readPostgresLine(line) ?? { level: 'info', text: line };
}

const NATS_LEVELS: Readonly<Record<string, Level>> = { TRC: 'trace', DBG: 'debug', INF: 'info', WRN: 'warn', ERR: 'error', FTL: 'fatal' };
const POSTGRES_LEVELS: Readonly<Record<string, Level>> = { WARNING: 'warn', ERROR: 'warn', FATAL: 'error', PANIC: 'fatal', LOG: 'info' };

function readNatsLine(line: string): LogEntry | undefined {
  const [, tag = '', text = ''] = /^\[\d+\] \S+ \S+ \[(\w{3})\] (.*)$/.exec(line) ?? [];
  const level = NATS_LEVELS[tag];
  return level === undefined ? undefined : { level, text };
}

function readPostgresLine(line: string): LogEntry | undefined {
  const [, tag = '', text = ''] = /^\S+ \S+ \w+ \[\d+\] ([A-Z]+): +(.*)$/.exec(line) ?? [];
  const level = POSTGRES_LEVELS[tag];
  return level === undefined ? undefined : { level, text };
}

function readJsonLine(line: string): LogEntry | undefined {
  if (!line.startsWith('{')) return undefined;
  const fields = parseObject(line);
  const level = LEVELS.find((name) => name === fields?.['level']);
  if (fields === undefined || level === undefined) return undefined;
  const { level: _level, time: _time, service: _service, instance: _instance, pid: _pid, hostname: _host, msg, err, ...rest } = fields;
  const details = Object.entries(rest).map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  const text = [typeof msg === 'string' ? msg : '', describeError(err), details.length === 0 ? '' : `(${details.join(' ')})`];
  return {
    level,
    text: text
      .filter((part) => part !== '')
      .join(' ')
      .replaceAll('\n', ' '),
  };
}

function describeError(err: unknown): string {
  if (typeof err !== 'object' || err === null || !('message' in err)) return '';
  return `– ${String(err.message)}`;
}

function parseObject(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
