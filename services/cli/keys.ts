import { Command, InvalidArgumentError } from 'commander';
import { type GatewayFlags, isRecord, openGatewayApi, runCommand, withGatewayFlags } from './gateway-api.ts';
import { cell, fieldList, textTable } from './text-table.ts';

interface CreateFlags extends GatewayFlags {
  readonly alias?: string;
  readonly team?: string;
  readonly models?: string;
  readonly budget?: number;
  readonly period?: string;
  readonly rpm?: number;
  readonly tpm?: number;
  readonly expires?: string;
  readonly json?: boolean;
}

/** `headrace keys`: virtual keys, by the management API. A key is named by itself or by its hash. */
const program = new Command('headrace keys').description('Virtual keys').exitOverride();
withGatewayFlags(program.command('create'))
  .description('makes a key and prints it: it is shown this once')
  .option('--alias <name>', 'what it is called in reports')
  .option('--team <id>', 'whose it is')
  .option('--models <names>', 'that it may use, with commas (default: all)')
  .option('--budget <usd>', 'that it may spend', amount)
  .option('--period <time>', 'after which the budget begins anew: 1d, 30d, 1mo')
  .option('--rpm <count>', 'requests a minute', amount)
  .option('--tpm <count>', 'tokens a minute', amount)
  .option('--expires <time>', 'after which it is refused: 12h, 30d')
  .option('--json', 'all that the gateway says')
  .action(async ({ json, alias, team, models, budget, period, rpm, tpm, expires, ...flags }: CreateFlags) => {
    const answer = await openGatewayApi(flags, process.env).call('POST', '/key/generate', {
      key_alias: alias,
      team_id: team,
      models: models?.split(',').map((name) => name.trim()),
      max_budget: budget,
      budget_duration: period,
      rpm_limit: rpm,
      tpm_limit: tpm,
      duration: expires,
    });
    print(json === true || !isRecord(answer) ? JSON.stringify(answer, undefined, 2) : cell(answer['key']));
  });
withGatewayFlags(program.command('ls'))
  .description('keys, page by page')
  .option('--team <id>', 'of a team')
  .option('--page <number>', 'from 1', amount, 1)
  .option('--json', 'as the gateway has them')
  .action(async ({ team, page, json, ...flags }: GatewayFlags & { team?: string; page: number; json?: boolean }) => {
    const query = new URLSearchParams({
      page: String(page),
      size: '100',
      return_full_object: 'true',
      ...(team === undefined ? {} : { team_id: team }),
    });
    const answer = await openGatewayApi(flags, process.env).call('GET', `/key/list?${query.toString()}`);
    const { keys, total_pages: pages } = isRecord(answer) ? answer : {};
    const rows = Array.isArray(keys) ? keys.filter(isRecord) : [];
    if (json === true) return print(JSON.stringify(answer, undefined, 2));
    const columns = ['key_name', 'key_alias', 'team_id', 'spend', 'max_budget', 'blocked', 'expires', 'token'];
    print(
      rows.length === 0
        ? 'no keys'
        : textTable(
            columns,
            rows.map((row) => columns.map((column) => cell(row[column]))),
          ),
    );
    if (typeof pages === 'number' && pages > page) print(`page ${page} of ${pages}`);
  });
withGatewayFlags(program.command('info'))
  .description('a key with its limits and spend')
  .argument('<key>', 'sk-… or its hash')
  .action(async (key: string, flags: GatewayFlags) => {
    const answer = await openGatewayApi(flags, process.env).call('GET', `/key/info?key=${encodeURIComponent(key)}`);
    const info = isRecord(answer) && isRecord(answer['info']) ? answer['info'] : {};
    print(fieldList(info));
  });
for (const [verb, done, description] of [
  ['block', 'blocked', 'refuses a key until it is unblocked'],
  ['unblock', 'unblocked', 'lets a blocked key in again'],
] as const) {
  withGatewayFlags(program.command(verb))
    .description(description)
    .argument('<key>', 'sk-… or its hash')
    .action(async (key: string, flags: GatewayFlags) => {
      await openGatewayApi(flags, process.env).call('POST', `/key/${verb}`, { key });
      print(done);
    });
}
withGatewayFlags(program.command('delete'))
  .description('deletes keys, all that are named or none')
  .argument('<keys...>', 'sk-… or their hashes')
  .action(async (keys: readonly string[], flags: GatewayFlags) => {
    await openGatewayApi(flags, process.env).call('POST', '/key/delete', { keys });
    print(`${keys.length} deleted`);
  });
await runCommand(program, process.argv.slice(2));

function amount(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value >= 0) return value;
  throw new InvalidArgumentError('It takes a number from 0.');
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
