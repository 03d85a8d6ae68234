import { type DestinationStream, type Logger, pino, stdSerializers } from 'pino';
import { REDACTED_PATHS, scrubSecrets } from './redaction.ts';

export type { Logger } from 'pino';

export interface LoggerOptions {
  readonly service: string;
  readonly instance: string;
  readonly level: string;
  /** Where lines go instead of stdout. */
  readonly destination?: DestinationStream | undefined;
}

/** JSON lines on stdout with `service` and `instance` in each, secrets redacted. */
export function createLogger(options: LoggerOptions): Logger {
  return pino(
    {
      level: options.level,
      base: { service: options.service, instance: options.instance },
      redact: { paths: [...REDACTED_PATHS], censor: '[redacted]' },
      serializers: { err: serializeError },
      formatters: { level: (label) => ({ level: label }) },
    },
    // Synchronous: the last lines before an exit or a crash are the ones that matter.
    options.destination ?? pino.destination({ dest: 1, sync: true }),
  );
}

function serializeError(error: Error): unknown {
  const serialized: unknown = stdSerializers.errWithCause(error);
  return scrubDeep(serialized, 4);
}

function scrubDeep(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return scrubSecrets(value);
  if (depth === 0 || typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const result: Record<string, unknown> = {};
  for (const [key, inner] of Object.entries(value)) result[key] = scrubDeep(inner, depth - 1);
  return result;
}
