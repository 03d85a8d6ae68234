/**
 * What `headrace` can do: each command is one file, run by Node 24 with the arguments that follow the command.
 *
 * @typedef {{ entry: string, summary: string, needsDevPackages?: boolean }} Command
 * @type {Readonly<Record<string, Command>>}
 */
export const COMMANDS = {
  up: { entry: 'services/supervisor/main.ts', summary: 'run everything on this machine: NATS, Postgres and every service' },
  ingress: { entry: 'services/ingress/main.ts', summary: 'the HTTP front: takes requests, publishes jobs, relays answers' },
  worker: { entry: 'services/worker/main.ts', summary: 'pulls jobs and calls providers' },
  accounting: { entry: 'services/accounting/main.ts', summary: 'writes what each attempt cost into the ledger' },
  admin: { entry: 'services/admin/main.ts', summary: 'keys and spend reports' },
  sandbox: { entry: 'services/sandbox/main.ts', summary: 'the built-in provider for trying things out' },
  migrate: { entry: 'services/admin/migrate.ts', summary: 'bring the database of DATABASE_URL up to date' },
  config: { entry: 'services/cli/config-check.ts', summary: 'check FILE: say what a configuration file means and what is wrong with it' },
  test: { entry: 'services/cli/run-tests.ts', summary: 'run the tests', needsDevPackages: true },
  bench: { entry: 'test/bench/run.ts', summary: 'measure throughput and latency against a bare proxy', needsDevPackages: true },
};

/** @returns {string} the text of `headrace --help` */
export function renderHelp() {
  const rows = Object.entries(COMMANDS).map(([name, { summary }]) => `  ${name.padEnd(12)}${summary}`);
  return ['Usage: headrace <command> [options]', '', 'Commands:', ...rows, '', 'headrace <command> --help shows its options.', ''].join(
    '\n',
  );
}
