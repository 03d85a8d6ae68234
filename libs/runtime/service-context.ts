import { randomInt } from 'node:crypto';
import type { Registry } from 'prom-client';
import { createHealth, type Health } from './health.ts';
import { createLogger, type Logger } from './logger.ts';
import { createMetrics } from './metrics.ts';
import { ReleaseStack } from './release-stack.ts';
import type { Environment, ParsedSettings, ServiceSettings } from './settings.ts';

/** What a service is given: everything it may know about the process it runs in. */
export interface ServiceContext {
  readonly name: string;
  /** `name-` and six random letters or digits: this process among its replicas. */
  readonly instance: string;
  readonly settings: ServiceSettings;
  /** Values of the service's own flags, camel-cased. */
  readonly flags: Readonly<Record<string, unknown>>;
  /** The environment, for `os.environ/NAME` references of the configuration. */
  readonly env: Environment;
  readonly log: Logger;
  readonly metrics: Registry;
  readonly health: Health;
  readonly releases: ReleaseStack;
  /** Milliseconds that all releases have together when the process is asked to end. */
  readonly shutdownMs: number;
  /** What to read again on SIGHUP (`kill -HUP`); while there is nothing, SIGHUP ends the process. */
  readonly reloads: Set<() => void>;
}

export interface ServiceStart extends ParsedSettings {
  readonly shutdownMs: number;
}

export function createServiceContext(name: string, parsed: ServiceStart, env: Environment): ServiceContext {
  const instance = `${name}-${randomInt(36 ** 6)
    .toString(36)
    .padStart(6, '0')}`;
  const log = createLogger({ service: name, instance, level: parsed.settings.logLevel });
  const metrics = createMetrics({ service: name, instance });
  return { name, instance, ...parsed, env, log, metrics, health: createHealth(), releases: new ReleaseStack(log), reloads: new Set() };
}
