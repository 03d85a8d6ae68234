/**
 * What `headrace` can do: each command is one file, run by Node 24 with the arguments that follow the command.
 *
 * @typedef {{ entry: string, summary: string, args?: string[], needsDevPackages?: boolean }} Command
 * @type {Readonly<Record<string, Command>>}
 */
export const COMMANDS = {
  up: { entry: 'services/supervisor/main.ts', summary: 'run everything on this machine: NATS, Postgres and every service' },
  ingress: { entry: 'services/ingress/main.ts', summary: 'the HTTP front: takes requests, publishes jobs, relays answers' },
  worker: { entry: 'services/worker/main.ts', summary: 'pulls jobs and calls providers' },
  accounting: { entry: 'services/accounting/main.ts', summary: 'writes what each attempt cost into the ledger' },
  admin: { entry: 'services/admin/main.ts', summary: 'keys and spend reports' },
  batches: { entry: 'services/batches/main.ts', summary: 'files and batches: the OpenAI and Anthropic batch APIs over every provider' },
  sandbox: { entry: 'services/sandbox/main.ts', summary: 'the built-in provider for trying things out' },
  migrate: { entry: 'services/admin/migrate.ts', summary: 'bring the database of DATABASE_URL up to date' },
  pause: { entry: 'services/cli/hold.ts', args: ['pause'], summary: 'start no more jobs of a provider or tier: what waits stays' },
  drain: { entry: 'services/cli/hold.ts', args: ['drain'], summary: 'start no more jobs of a provider or tier: what waits goes elsewhere' },
  resume: { entry: 'services/cli/hold.ts', args: ['resume'], summary: 'let a provider or tier go on' },
  batch: { entry: 'services/cli/batch.ts', summary: 'run FILE: every line of a file as a job, with progress, resume and a limit of spend' },
  publishers: { entry: 'services/cli/publishers.ts', summary: 'add, ls, rm, conf: programs that publish their jobs themselves' },
  jobs: { entry: 'services/cli/jobs.ts', summary: 'ls, show, cancel: jobs in the background' },
  keys: { entry: 'services/cli/keys.ts', summary: 'ls, create, info, block, unblock, delete: virtual keys' },
  dead: { entry: 'services/cli/dead.ts', summary: 'ls, show, redrive, purge: what could not be worked off' },
  top: { entry: 'services/cli/top.ts', summary: 'pools, queues, rates and spend as they change' },
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
