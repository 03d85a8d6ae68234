import { Command } from 'commander';
import { ApiError, type GatewayFlags, isRecord, openGatewayApi, runCommand, withGatewayFlags } from './gateway-api.ts';
import { cell, fieldList, textTable } from './text-table.ts';

interface ListFlags extends GatewayFlags {
  readonly group?: string;
  readonly json?: boolean;
}

const COLUMNS = ['id', 'status', 'model', 'attempt', 'accepted_at', 'finished_at', 'cost_usd'] as const;

/** `headrace jobs`: jobs of the key, those that run for clients and those in the background. */
const program = new Command('headrace jobs').description('Jobs of a key').exitOverride();
withGatewayFlags(program.command('ls'))
  .description('jobs that are queued or running, and those whose answers are kept')
  .option('--group <name>', 'of a batch or a publisher (default: background)')
  .option('--json', 'as the gateway has them')
  .action(async ({ group, json, ...flags }: ListFlags) => {
    const query = group === undefined ? '' : `?group=${encodeURIComponent(group)}`;
    const answer = await openGatewayApi(flags, process.env).call('GET', `/v1/jobs${query}`);
    const rows = isRecord(answer) && Array.isArray(answer['data']) ? answer['data'].filter(isRecord) : [];
    if (json === true) print(JSON.stringify(rows, undefined, 2));
    else if (rows.length === 0) print('no jobs');
    else
      print(
        textTable(
          COLUMNS.map(titleOf),
          rows.map((row) => COLUMNS.map((column) => cell(column === 'status' ? statusOf(row) : row[column]))),
        ),
      );
  });
withGatewayFlags(program.command('show'))
  .description('one job; --result for its answer')
  .argument('<id>')
  .option('--result', 'the answer itself')
  .option('--json', 'as the gateway has it')
  .action(async (id: string, { result, json, ...flags }: ListFlags & { readonly result?: boolean }) => {
    const path = `/v1/jobs/${encodeURIComponent(id)}`;
    const answer = await openGatewayApi(flags, process.env).call('GET', result === true ? `${path}/result` : path);
    print(json === true || result === true || !isRecord(answer) ? textOf(answer) : fieldList(answer));
  });
withGatewayFlags(program.command('cancel'))
  .description('ends jobs; those that are over stay as they are')
  .argument('<ids...>')
  .action((ids: readonly string[], flags: GatewayFlags) =>
    forEach(ids, flags, 'cancel', (job) => (isRecord(job) ? statusOf(job) : 'cancelled')),
  );
withGatewayFlags(program.command('retry'))
  .description('runs jobs again that failed, were cancelled or expired; prints the new ones')
  .argument('<ids...>')
  .action((ids: readonly string[], flags: GatewayFlags) =>
    forEach(ids, flags, 'retry', (job) => (isRecord(job) ? `${cell(job['id'])}  ${statusOf(job)}` : 'retried')),
  );
await runCommand(program, process.argv.slice(2));

/** A line for each; exits with 1 when one was refused. */
async function forEach(ids: readonly string[], flags: GatewayFlags, action: string, told: (job: unknown) => string): Promise<void> {
  const api = openGatewayApi(flags, process.env);
  for (const id of ids) {
    const line = await api.call('POST', `/v1/jobs/${encodeURIComponent(id)}/${action}`).then(told, reasonOf);
    if (line instanceof ApiError) process.exitCode = 1;
    print(`${id}  ${line instanceof ApiError ? line.message : line}`);
  }
}

function reasonOf(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  throw error;
}

function statusOf(job: Readonly<Record<string, unknown>>): string {
  return cell(job['status'] ?? job['state']);
}

function titleOf(column: string): string {
  return column.replace(/_at$|_usd$/, '').toUpperCase();
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value, undefined, 2);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
