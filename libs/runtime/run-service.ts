import { flushCompileCache } from 'node:module';
import type { Command } from 'commander';
import { startProbeServer } from './probe-server.ts';
import { createServiceContext, type ServiceContext } from './service-context.ts';
import { type ParsedSettings, readSettings, type SettingsRequest, UsageError } from './settings.ts';
import { onShutdown, type ShutdownCause } from './shutdown.ts';

export type { ServiceContext } from './service-context.ts';

export interface ServiceDefinition {
  readonly name: string;
  /** One line for `--help`. */
  readonly summary: string;
  /** Adds flags of this service alone. */
  readonly options?: (command: Command) => unknown;
  /** Port when neither flag nor environment names one; 4000 unless given. */
  readonly defaultPort?: number;
  /** Time all releases have together after a signal; 8 s unless given. */
  readonly shutdownDeadlineMs?: number;
  /** Resolves when the service is ready; a rejection ends the process with 1. */
  readonly start: (service: ServiceContext) => Promise<{ readonly port?: number | undefined } | void>;
}

const SHUTDOWN_DEADLINE_MS = 8_000;
const CRASH_DEADLINE_MS = 1_000;

/**
 * Runs a service as this process: reads flags and environment, starts it, tells a parent process `{type: 'ready', port}`, and
 * releases what it acquired at the end. Exit codes: 0 asked to stop, 1 failed, 2 wrong flags or environment.
 */
export async function runService(definition: ServiceDefinition): Promise<void> {
  const parsed = settingsOrExit({ ...definition, argv: process.argv.slice(2), env: process.env });
  const shutdownMs = parsed.settings.shutdownMs ?? definition.shutdownDeadlineMs ?? SHUTDOWN_DEADLINE_MS;
  const service = createServiceContext(definition.name, { ...parsed, shutdownMs }, process.env);
  onShutdown({ release: (cause) => releaseAll(service, cause), onHangup: () => reloadAll(service) });
  try {
    await startProbes(service);
    const started = await definition.start(service);
    announceReady(service, started?.port);
  } catch (err) {
    service.log.fatal({ err }, 'start failed');
    await service.releases.run(CRASH_DEADLINE_MS);
    process.exit(1);
  }
}

/** Settings of this process; a wrong flag prints one line and ends it with 2, `--help` ends it with 0. */
export function settingsOrExit(request: SettingsRequest): ParsedSettings {
  try {
    return readSettings(request);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    if (error.exitCode !== 0) process.stderr.write(`headrace ${request.name}: ${error.message}\n`);
    process.exit(error.exitCode);
  }
}

async function startProbes(service: ServiceContext): Promise<void> {
  const { probePort, host } = service.settings;
  if (probePort === undefined) return;
  const server = await startProbeServer({ host, port: probePort, health: service.health, metrics: service.metrics });
  service.releases.add('probe server', () => server.close());
}

function announceReady(service: ServiceContext, port: number | undefined): void {
  service.health.started();
  service.log.info({ port, startMs: Math.round(performance.now()) }, 'ready');
  process.send?.({ type: 'ready', port });
  // Now rather than at exit, so that a service that is always killed starts from the cache the next time too.
  setImmediate(flushCompileCache);
}

function reloadAll({ reloads, log }: ServiceContext): boolean {
  if (reloads.size > 0) log.info('reading again what can be read again');
  for (const reload of reloads) reload();
  return reloads.size > 0;
}

async function releaseAll(service: ServiceContext, cause: ShutdownCause): Promise<void> {
  if (cause.kind === 'error') {
    service.log.fatal({ err: cause.error }, 'uncaught error');
    return service.releases.run(CRASH_DEADLINE_MS);
  }
  service.log.info({ cause: cause.name }, 'stopping');
  service.health.stopping();
  await service.releases.run(service.shutdownMs);
  service.log.info('stopped');
}
