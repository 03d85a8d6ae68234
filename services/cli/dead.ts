import { Command } from 'commander';
import { ApiError, type GatewayFlags, isRecord, openGatewayApi, runCommand, withGatewayFlags } from './gateway-api.ts';
import { cell, fieldList, textTable } from './text-table.ts';

interface ManyFlags extends GatewayFlags {
  readonly kind?: string | undefined;
  readonly all?: boolean | undefined;
}

/** `headrace dead`: what could not be worked off, by the management API. */
const program = new Command('headrace dead')
  .description('Dead letters: jobs, events and submissions that could not be worked off')
  .exitOverride();
const kindFlag = ['--kind <kind>', 'job, event, alert or submission'] as const;
withGatewayFlags(program.command('ls'))
  .description('the oldest first')
  .option(...kindFlag)
  .option('--after <id>', 'behind that one', '0')
  .option('--json', 'as the gateway has them')
  .action(async ({ kind, after, json, ...flags }: GatewayFlags & { kind?: string; after: string; json?: boolean }) => {
    const query = new URLSearchParams({ after, ...(kind === undefined ? {} : { kind }) });
    const answer = await openGatewayApi(flags, process.env).call('GET', `/dead?${query.toString()}`);
    if (json === true) return print(JSON.stringify(answer, undefined, 2));
    const { dead, next_after: next, total } = isRecord(answer) ? answer : {};
    const rows = Array.isArray(dead) ? dead.filter(isRecord) : [];
    const columns = ['id', 'kind', 'stored_at', 'subject', 'error'];
    const table = textTable(
      columns,
      rows.map((row) => columns.map((column) => cell(row[column]).slice(0, 100))),
    );
    print(rows.length === 0 ? 'no dead letters' : `${table}\n${rows.length} of ${cell(total)}`);
    if (typeof next === 'number') print(`more with --after ${next}`);
  });
withGatewayFlags(program.command('show'))
  .description('one with all that came with it')
  .argument('<id>')
  .option('--body', 'also its data, which may be what a client wrote')
  .action(async (id: string, { body, ...flags }: GatewayFlags & { body?: boolean }) => {
    const path = `/dead/${encodeURIComponent(id)}${body === true ? '?body=true' : ''}`;
    const answer = await openGatewayApi(flags, process.env).call('GET', path);
    const { job, headers, body: data, ...fields } = isRecord(answer) ? answer : {};
    for (const part of [fields, job, headers]) if (isRecord(part)) print(fieldList(part));
    if (data !== undefined) print(`\n${cell(data)}`);
  });
withGatewayFlags(program.command('redrive'))
  .description('sends letters on their way again')
  .argument('[ids...]')
  .option(...kindFlag)
  .option('--all', 'all there are')
  .action(async (ids: readonly string[], { kind, all, ...flags }: ManyFlags) => {
    const api = openGatewayApi(flags, process.env);
    const which = chosen(ids, { kind, all });
    let done = 0;
    for (let after: unknown = 0; typeof after === 'number';) {
      const answer = await api.call('POST', '/dead/redrive', which.ids === undefined ? { kind, after } : which);
      const { redriven, refused, next_after: next } = isRecord(answer) ? answer : {};
      done += Number(redriven);
      for (const one of Array.isArray(refused) ? refused.filter(isRecord) : []) {
        process.stderr.write(`${cell(one['error'])}\n`);
        process.exitCode = 1;
      }
      after = next;
    }
    print(`${done} sent on their way`);
  });
withGatewayFlags(program.command('purge'))
  .description('throws letters away')
  .argument('[ids...]')
  .option(...kindFlag)
  .option('--all', 'all there are')
  .action(async (ids: readonly string[], { kind, all, ...flags }: ManyFlags) => {
    const answer = await openGatewayApi(flags, process.env).call('POST', '/dead/purge', chosen(ids, { kind, all }));
    print(`${cell(isRecord(answer) ? answer['purged'] : 0)} thrown away`);
  });
await runCommand(program, process.argv.slice(2));

function chosen(ids: readonly string[], { kind, all }: Pick<ManyFlags, 'kind' | 'all'>) {
  if (ids.length > 0) return { ids: ids.map(Number) };
  if (kind !== undefined) return { kind };
  if (all === true) return { all };
  throw new ApiError('name letters by their ids, or give --kind or --all');
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
