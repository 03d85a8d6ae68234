import { Command, CommanderError } from 'commander';
import { ConfigError, type Deployment, describeConfigError, loadConfig, renderConfigCheck } from '#config';
import { createPricer } from '#pricing';
import { configProviders, findProvider } from '#providers';

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
    process.stdout.write(renderConfigCheck(config, { priceSource: createPriceSource() }));
    return 0;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${describeConfigError(error)}\n`);
    return 1;
  }
}

function createPriceSource(): (deployment: Deployment) => string {
  const pricer = createPricer();
  const now = new Date();
  return (deployment) => pricer.source({ ...deployment, pricesAs: findProvider(deployment.provider)?.pricesAs }, now);
}
