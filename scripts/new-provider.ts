/**
 * `npm run new:provider`: adds a provider that speaks OpenAI chat. Asks for what no flag says, writes its data file and its lines in the
 * table, and runs the table's tests for it.
 *
 *   npm run new:provider -- --id acme --name "Acme AI" --base-url https://api.acme.example/v1 --env ACME_API_KEY --docs https://docs.acme.example
 *
 *   --into FOLDER   the folder of the table (libs/providers); the tests are run for that one only
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stdin, stdout } from 'node:process';
import { createInterface } from 'node:readline/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { addToTable, fileOf, type NewProvider, problemsOf, providerSource } from './provider-source.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const QUESTIONS = {
  id: 'Id, the first part of provider/model (acme)',
  name: 'Name for people (Acme AI)',
  'base-url': 'Address that /chat/completions is below (https://api.acme.example/v1; empty: api_base must be given)',
  env: 'Variable that holds the key (ACME_API_KEY)',
  docs: "Address of the vendor's documentation that names the host (empty: not checked)",
} as const;
type Question = keyof typeof QUESTIONS;

const text = { type: 'string' } as const;
const { values } = parseArgs({ options: { id: text, name: text, 'base-url': text, env: text, docs: text, into: text } });
const into = values.into ?? join(root, 'libs', 'providers');
process.exitCode = addProvider(await collectAnswers());

async function collectAnswers(): Promise<NewProvider> {
  const terminal = stdin.isTTY ? createInterface({ input: stdin, output: stdout }) : undefined;
  const ask = async (question: Question): Promise<string> => {
    const given = values[question] ?? (await terminal?.question(`${QUESTIONS[question]}: `));
    return (given ?? '').trim();
  };
  const [id, name, baseUrl, env, docsUrl] = [
    await ask('id'),
    await ask('name'),
    await ask('base-url'),
    await ask('env'),
    await ask('docs'),
  ];
  terminal?.close();
  return { id, name, baseUrl, env, docsUrl };
}

function addProvider(provider: NewProvider): number {
  const file = join(into, fileOf(provider.id));
  const table = join(into, 'table.ts');
  const problems = [...problemsOf(provider), ...(existsSync(file) ? [`${file} is there already`] : [])];
  if (problems.length > 0) {
    for (const problem of problems) console.error(problem);
    return 1;
  }
  const extended = addToTable(readFileSync(table, 'utf8'), provider.id);
  writeFileSync(file, providerSource(provider));
  writeFileSync(table, extended);
  console.log(`${file} and two lines of ${table} written`);
  return values.into === undefined ? runTests(provider.id) : 0;
}

function runTests(id: string): number {
  const args = [
    join(root, 'node_modules/vitest/vitest.mjs'),
    'run',
    '--project',
    'unit',
    'libs/providers/table',
    '-t',
    `${id}|the provider table`,
  ];
  const status = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status ?? 1;
  if (status === 0) console.log('Now: quirks that its documentation names, then npm run docs:config and npm run check');
  return status;
}
