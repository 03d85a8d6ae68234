import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Command, CommanderError } from 'commander';
import {
  ConfigError,
  type Deployment,
  describeConfigError,
  type GatewayConfig,
  loadConfig,
  MASTER_KEY_VARIABLES,
  masterKeySource,
  renderConfigCheck,
  resolveSecret,
  weaknessOfMasterKey,
} from '#config';
import { createPricer, parsePriceFile, type PriceBook } from '#pricing';
import { catalogueName, configProviders, findProvider } from '#providers';

/** `headrace config check FILE`: prints what the file means (exit 0), or every problem with its place and its fix (exit 1). */
const program = new Command('headrace config').description('Looks at a configuration file without starting anything').exitOverride();
program
  .command('check')
  .description('says what a configuration file means and what is wrong with it')
  .argument('<file>', 'a config.yaml')
  .action((file: string) => {
    process.exitCode = checkFile(file);
  });

try {
  program.parse();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  // Asked for help: 0. Called without a subcommand, or wrongly: commander has said what it expects.
  process.exitCode = error.exitCode === 0 ? 0 : 2;
}

function checkFile(file: string): number {
  try {
    const config = loadConfig({ file, env: process.env, ...configProviders(process.env) });
    const prices = readPriceFile(config);
    const warnings = [...config.warnings, ...masterKeyWarnings(config)];
    process.stdout.write(renderConfigCheck({ ...config, warnings }, { priceSource: createPriceSource(prices.books) }));
    for (const problem of prices.problems) process.stderr.write(`${problem}\n`);
    return prices.problems.length === 0 ? 0 : 1;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${describeConfigError(error)}\n`);
    return 1;
  }
}

/** Where it will listen is not known here: on anything but loopback such a key is refused. */
function masterKeyWarnings({ general }: GatewayConfig): string[] {
  const inEnvironment = MASTER_KEY_VARIABLES.map((name) => process.env[name]).find((value) => value !== undefined && value !== '');
  const key = inEnvironment ?? resolveSecret(general.masterKey, process.env);
  const weakness = key === undefined ? undefined : weaknessOfMasterKey(key);
  if (weakness === undefined) return [];
  return [
    `the master key (${masterKeySource(process.env)}) ${weakness}: the gateway starts with it on loopback only, unless HEADRACE_ALLOW_WEAK_MASTER_KEY is true`,
  ];
}

interface CheckedPrices {
  readonly books: readonly PriceBook[];
  /** One line each, with its place. */
  readonly problems: readonly string[];
}

/** The file of `headrace.prices`, with everything that would keep a service from taking it. Its address is not asked. */
function readPriceFile({ file, prices }: GatewayConfig): CheckedPrices {
  if (prices?.file === undefined) return { books: [], problems: [] };
  const path = resolve(dirname(file ?? '.'), prices.file);
  try {
    const { book, problems } = parsePriceFile(readFileSync(path, 'utf8'));
    const lines = problems.map(({ line, message }) => `${path}${line === undefined ? '' : `:${line}`}: ${message}`);
    return { books: book === undefined ? [] : [book], problems: lines };
  } catch (error) {
    return { books: [], problems: [`${path}: ${error instanceof Error ? error.message : String(error)}`] };
  }
}

function createPriceSource(books: readonly PriceBook[]): (deployment: Deployment) => string {
  const pricer = createPricer({ books: () => books });
  const now = new Date();
  return (deployment) => {
    const record = findProvider(deployment.provider);
    const names = { provider: record?.id ?? deployment.provider, providerAliases: record?.aliases };
    return pricer.source({ ...deployment, ...catalogueName(deployment), ...names }, now);
  };
}
