import type { Command } from 'commander';
import { settingsOrExit } from './run-service.ts';
import { createServiceContext, type ServiceContext } from './service-context.ts';
import { onShutdown } from './shutdown.ts';

export interface TaskDefinition {
  readonly name: string;
  readonly summary: string;
  readonly options?: (command: Command) => unknown;
  /** Does the work; resolves with the exit code (0 when it returns nothing). */
  readonly run: (context: ServiceContext) => Promise<number | void>;
}

const RELEASE_DEADLINE_MS = 3_000;

/** Runs something that ends by itself (a migration, a check) with the settings, log and releases of a service. */
export async function runTask(definition: TaskDefinition): Promise<void> {
  const parsed = settingsOrExit({ ...definition, argv: process.argv.slice(2), env: process.env });
  const context = createServiceContext(definition.name, { ...parsed, shutdownMs: RELEASE_DEADLINE_MS }, process.env);
  onShutdown({
    release: (cause) => {
      if (cause.kind === 'error') context.log.fatal({ err: cause.error }, 'uncaught error');
      return context.releases.run(RELEASE_DEADLINE_MS);
    },
  });
  const exitCode = await definition.run(context).catch((err: unknown) => {
    context.log.fatal({ err }, 'failed');
    return 1;
  });
  await context.releases.run(RELEASE_DEADLINE_MS);
  process.exit(exitCode ?? 0);
}
