#!/usr/bin/env node
/**
 * `headrace <command>`: runs on any Node from 20 and without packages. Installs the npm packages when they are missing, then hands over
 * to the command's file under Node 24, which one of those packages brings.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import * as module from 'node:module';
import { constants } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { NODE_FLAGS } from '../../libs/runtime/node-flags.mjs';
import { closest } from './closest.mjs';
import { COMMANDS, renderHelp } from './commands.mjs';
import { ensurePackages } from './packages.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** The first version that runs our TypeScript as it is. */
const NODE_MAJOR = 24;
const COMPILE_CACHE = process.env.NODE_COMPILE_CACHE ?? join(ROOT, 'node_modules', '.cache', 'headrace');

const [name, ...args] = process.argv.slice(2);
if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
  process.stdout.write(renderHelp());
} else if (name === '--version' || name === '-v') {
  process.stdout.write(`${JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).version}\n`);
} else if (!Object.hasOwn(COMMANDS, name)) {
  const suggestion = closest(name, Object.keys(COMMANDS));
  fail(`unknown command '${name}'${suggestion === undefined ? '; headrace --help lists them' : ` (did you mean ${suggestion}?)`}`, 2);
} else {
  await launch(COMMANDS[name], args);
}

async function launch(command, commandArgs) {
  const problem = ensurePackages(ROOT, { needsDevPackages: command.needsDevPackages === true });
  if (problem !== undefined) fail(problem, 1);
  const entry = join(ROOT, command.entry);
  // several commands may be one file
  const args = [...(command.args ?? []), ...commandArgs];
  if (Number(process.versions.node.split('.')[0]) >= NODE_MAJOR) await runHere(entry, args);
  else runUnderNode24(entry, args);
}

/** In a container, or inside npm once the packages are there, this already is the right Node: no second process. */
async function runHere(entry, commandArgs) {
  module.enableCompileCache(COMPILE_CACHE);
  process.argv = [process.execPath, entry, ...commandArgs];
  await import(pathToFileURL(entry).href);
}

function runUnderNode24(entry, commandArgs) {
  const node = join(ROOT, 'node_modules', 'node', 'bin', 'node');
  if (!existsSync(node)) fail(`Node ${NODE_MAJOR} is missing from the npm packages: run "npm rebuild node" in ${ROOT}`, 1);
  const child = spawn(node, [...NODE_FLAGS, entry, ...commandArgs], {
    // The channel tells the command when this process is killed, so that it does not outlive it.
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, NODE_COMPILE_CACHE: COMPILE_CACHE },
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => fail(`${node} could not be started: ${error.message}`, 1));
  child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
}

function fail(message, exitCode) {
  process.stderr.write(`headrace: ${message}\n`);
  process.exit(exitCode);
}
