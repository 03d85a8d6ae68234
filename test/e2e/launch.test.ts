import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { createTempFolder } from '#testing';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const LAUNCH = join(ROOT, 'services/cli/launch.mjs');

function headrace(args: readonly string[], options: { launch?: string; env?: Record<string, string> } = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [options.launch ?? LAUNCH, ...args], {
    encoding: 'utf8',
    env: { ...process.env, ...options.env },
  });
  return { status, stdout, stderr };
}

/** A checkout of the launcher alone, with a lock file and an `npm` that notes how it is called and exits with `npmExitCode`. */
async function checkout({ installed, npmExitCode }: { installed: string | undefined; npmExitCode: number }) {
  const folder = await createTempFolder();
  onTestFinished(() => folder.remove());
  const root = join(folder.path, 'a checkout');
  cpSync(join(ROOT, 'services/cli'), join(root, 'services/cli'), { recursive: true });
  cpSync(join(ROOT, 'libs/runtime/node-flags.mjs'), join(root, 'libs/runtime/node-flags.mjs'));
  writeFileSync(join(root, 'package.json'), '{"version":"1.2.3"}');
  const optional = {
    'node_modules/for-tests': { version: '2.0.0', dev: true },
    'node_modules/other-platform': { version: '2.0.0', optional: true },
  };
  writeFileSync(join(root, 'package-lock.json'), lockFile('2.0.0', optional));
  mkdirSync(join(root, 'node_modules'));
  if (installed !== undefined) writeFileSync(join(root, 'node_modules/.package-lock.json'), lockFile(installed));
  mkdirSync(join(root, 'services/worker'));
  writeFileSync(join(root, 'services/worker/main.ts'), 'console.log("worker runs", process.argv.slice(2));');
  const npm = join(folder.path, 'npm');
  writeFileSync(npm, `#!/bin/sh\necho "$@" > "${folder.path}/called"\necho "npm speaks"\nexit ${npmExitCode}\n`);
  await chmod(npm, 0o755);
  const env = { PATH: `${folder.path}:${process.env['PATH']}`, npm_execpath: '' };
  return {
    run: (...args: string[]) => headrace(args, { launch: join(root, 'services/cli/launch.mjs'), env }),
    npmCall: () => {
      try {
        return readFileSync(join(folder.path, 'called'), 'utf8').trim();
      } catch {
        return undefined;
      }
    },
  };
}

function lockFile(version: string, optional: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({ packages: { '': {}, 'node_modules/needed': { version }, ...optional } });
}

test('help lists every command, and each command has its own', () => {
  const { status, stdout } = headrace(['--help']);
  expect(status).toBe(0);
  for (const command of ['up', 'ingress', 'worker', 'accounting', 'admin', 'migrate', 'config']) {
    expect(stdout).toContain(`  ${command} `);
    const help = headrace([command, '--help']);
    expect(help).toMatchObject({ status: 0, stdout: expect.stringContaining(`Usage: headrace ${command}`) });
  }
});

test('the version is the one of the package', () => {
  expect(headrace(['--version']).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test('an unknown command is one line with a suggestion', () => {
  expect(headrace(['wroker'])).toMatchObject({ status: 2, stderr: "headrace: unknown command 'wroker' (did you mean worker?)\n" });
  expect(headrace(['banana'])).toMatchObject({ status: 2, stderr: "headrace: unknown command 'banana'; headrace --help lists them\n" });
});

test('a wrong flag is one line with a suggestion', () => {
  expect(headrace(['up', '--prot', '1'])).toMatchObject({
    status: 2,
    stderr: "headrace up: unknown option '--prot' (Did you mean --port?)\n",
  });
});

test('without packages they are installed before the command runs, npm being seen', async () => {
  const { run, npmCall } = await checkout({ installed: undefined, npmExitCode: 0 });
  const { status, stdout, stderr } = run('worker', '--provider', 'a');
  expect({ status, stdout }).toEqual({ status: 0, stdout: "worker runs [ '--provider', 'a' ]\n" });
  expect(stderr).toContain('npm speaks');
  expect(npmCall()).toMatch(/^ci( |$)/);
});

test('packages of an older lock file are brought up to date', async () => {
  const { run, npmCall } = await checkout({ installed: '1.0.0', npmExitCode: 0 });
  expect(run('worker').status).toBe(0);
  expect(npmCall()).toMatch(/^ci( |$)/);
});

test('when the packages are there npm is not called', async () => {
  const { run, npmCall } = await checkout({ installed: '2.0.0', npmExitCode: 0 });
  expect(run('worker').status).toBe(0);
  expect(npmCall()).toBeUndefined();
});

test('an installation that fails is said so and nothing is run', async () => {
  const { run } = await checkout({ installed: undefined, npmExitCode: 7 });
  const { status, stdout, stderr } = run('worker');
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toMatch(/"npm ci" in .* failed with exit code 7/);
});

test('the command works through a link, as npx calls it', async () => {
  const folder = await createTempFolder();
  onTestFinished(() => folder.remove());
  const link = join(folder.path, 'headrace');
  symlinkSync(LAUNCH, link);
  expect(headrace(['--version'], { launch: link }).status).toBe(0);
});

test('config check says what a file means and what is wrong with it', async () => {
  const folder = await createTempFolder();
  onTestFinished(() => folder.remove());
  const good = join(folder.path, 'good.yaml');
  const bad = join(folder.path, 'bad.yaml');
  writeFileSync(good, 'model_list:\n  - model_name: planner\n    litellm_params: {model: openai/gpt-4o, api_key: very-secret-key}\n');
  writeFileSync(bad, 'model_list:\n  - model_nam: planner\n');
  const checked = headrace(['config', 'check', good]);
  expect(checked).toMatchObject({ status: 0, stdout: expect.stringContaining('planner') });
  expect(checked.stdout).not.toContain('very-secret-key');
  expect(headrace(['config', 'check', bad])).toMatchObject({ status: 1, stderr: expect.stringContaining('bad.yaml:2') });
});
