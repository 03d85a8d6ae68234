import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Makes sure the npm packages of the lock file are installed; installs them, with npm's output shown, when they are not. Returns
 * what went wrong as one line, undefined when all is well.
 *
 * @param {string} root folder of package.json
 * @param {{ needsDevPackages: boolean }} options
 * @returns {string | undefined}
 */
export function ensurePackages(root, { needsDevPackages }) {
  if (areInstalled(root, needsDevPackages)) return undefined;
  const command = existsSync(join(root, 'package-lock.json')) ? 'ci' : 'install';
  process.stderr.write(`headrace: installing npm packages (npm ${command}) …\n`);
  // Warnings left out: npm holds every package against the Node that installs, but Node 24 will run them.
  const { status, error } = runNpm(root, [command, '--loglevel=error', ...(needsDevPackages ? ['--include=dev'] : [])]);
  if (error) return `npm could not be started (${error.message}): install npm, then run "npm ${command}" in ${root}`;
  return status === 0 ? undefined : `"npm ${command}" in ${root} failed with exit code ${status ?? 'unknown'}: its reason stands above`;
}

/**
 * Compares the lock file with the list npm keeps of what it installed. Not by file times: a checkout, a copy and an image layer all
 * set those as they like.
 */
function areInstalled(root, needsDevPackages) {
  const installed = readPackages(join(root, 'node_modules', '.package-lock.json'));
  if (installed === undefined) return false;
  const wanted = readPackages(join(root, 'package-lock.json')) ?? {};
  return Object.entries(wanted).every(([path, entry]) => {
    // The project itself, and what other platforms or a production install leave out.
    if (path === '' || entry.optional || entry.devOptional || entry.peer || (entry.dev && !needsDevPackages)) return true;
    return installed[path]?.version === entry.version;
  });
}

function readPackages(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    return undefined;
  }
}

function runNpm(root, args) {
  // npm's own output goes to standard error: a service's standard output is its log.
  const options = { cwd: root, stdio: ['ignore', 2, 2] };
  // Started by `npm start`, the very npm that runs us; it may not be on the PATH.
  const cli = process.env.npm_execpath;
  return cli !== undefined && /npm-cli\.[cm]?js$/.test(cli)
    ? spawnSync(process.execPath, [cli, ...args], options)
    : spawnSync('npm', args, options);
}
