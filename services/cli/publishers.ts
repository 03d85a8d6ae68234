import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { createPublisherKey } from '#bus';
import { ownerOfKey } from '#client';
import { BUS_OPERATOR, BUS_USERS, busAccess, inboxPrefix, type Publisher } from '#contracts';
import { gatewayAccounts, publishersFile, readPublishers, writePublishers } from '#runtime';
import { ApiError, runCommand } from './gateway-api.ts';
import { textTable } from './text-table.ts';

interface PublisherFlags {
  readonly file?: string;
  readonly dataDir?: string;
}

/** `headrace publishers`: NATS users of programs that publish their jobs themselves. Only their public keys are kept. */
const program = new Command('headrace publishers').description('Programs that publish their jobs to the queue themselves').exitOverride();
withFlags(program.command('add <name>'))
  .description('lets a program in and prints the secret it connects with: it is shown this once')
  .option('--key <key>', 'the virtual key that pays for its jobs')
  .option('--owner <hash>', 'its SHA-256 (hex), in place of the key')
  .action((name: string, { key, owner, ...flags }: PublisherFlags & { key?: string; owner?: string }) => {
    const file = fileOf(flags);
    const others = readPublishers(file);
    if (others.some((other) => other.name === name))
      throw new ApiError(`there is a publisher ${name}: remove it first, or take another name`);
    const { seed, publicKey } = createPublisherKey();
    const publisher: Publisher = { name, owner: ownerFrom(key, owner), nkey: publicKey, createdAt: new Date().toISOString() };
    writePublishers(file, [...others, publisher]);
    const { owner: payer } = publisher;
    print(`seed          ${seed}`);
    print(`owner         ${payer}`);
    print(`inbox prefix  ${inboxPrefix(publicKey)}`);
    print(`submit to     submit.v1.${payer}.batch.<group>.<id>`);
    print(`results at    runs.${payer}.<group>.*.end`);
    print(`connect to    ${addressOf(flags, seed)}`);
  });
withFlags(program.command('ls'))
  .description('who may publish, and who pays')
  .action((flags: PublisherFlags) => {
    const rows = readPublishers(fileOf(flags)).map(({ name, owner, nkey, createdAt }) => [name, owner, nkey, createdAt]);
    print(textTable(['name', 'owner', 'public key', 'since'], rows));
  });
withFlags(program.command('rm <name>'))
  .description('lets a program in no more: its connection is closed')
  .action((name: string, flags: PublisherFlags) => {
    const file = fileOf(flags);
    const all = readPublishers(file);
    const rest = all.filter((publisher) => publisher.name !== name);
    if (rest.length === all.length) throw new ApiError(`there is no publisher ${name}`);
    writePublishers(file, rest);
    print(`removed ${name}`);
  });
withFlags(program.command('conf'))
  .description(
    'prints the users of a NATS server of your own, the services among them: put it where infra/nats/users.conf stands, and reload',
  )
  .action((flags: PublisherFlags) => {
    const services = BUS_USERS.map((user) => ({ user, password: `$NATS_${user.toUpperCase()}_PASSWORD`, access: busAccess(user) }));
    print(gatewayAccounts([{ user: BUS_OPERATOR, password: '$NATS_PASSWORD' }, ...services], readPublishers(fileOf(flags))));
  });
await runCommand(program, process.argv.slice(2));

function withFlags(command: Command): Command {
  return command
    .option('--file <path>', 'the list of publishers (default: the one of the gateway in the data folder)')
    .option('--data-dir <folder>', 'data folder of a gateway on this machine (env: HEADRACE_HOME; default: .headrace)');
}

function dataDirOf({ dataDir }: PublisherFlags): string {
  return resolve(dataDir ?? (process.env['HEADRACE_HOME'] || '.headrace'));
}

function fileOf(flags: PublisherFlags): string {
  return flags.file === undefined ? publishersFile(dataDirOf(flags)) : resolve(flags.file);
}

function ownerFrom(key: string | undefined, owner: string | undefined): string {
  if (key !== undefined && owner === undefined) return ownerOfKey(key.trim());
  if (owner !== undefined && key === undefined && /^[0-9a-f]{64}$/.test(owner)) return owner;
  throw new ApiError('say who pays: --key with a virtual key, or --owner with its SHA-256 in hex');
}

/** The server of a gateway on this machine. */
function addressOf(flags: PublisherFlags, seed: string): string {
  const known: unknown = flags.file === undefined ? credentials(join(dataDirOf(flags), 'nats', 'credentials.json')) : undefined;
  const port = typeof known === 'object' && known !== null && 'port' in known ? String(known.port) : '4222';
  return `nats://${seed}@${flags.file === undefined ? '127.0.0.1' : '<host>'}:${port}`;
}

function credentials(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
