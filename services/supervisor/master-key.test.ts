import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { resolveMasterKey } from './master-key.ts';

function dataFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'headrace-unit-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

test('without any key one is made once, readable by its owner only', () => {
  const dataDir = dataFolder();
  const first = resolveMasterKey({ dataDir, env: {}, fromConfig: undefined });
  const path = join(dataDir, 'master-key');
  expect(first).toEqual({ key: readFileSync(path, 'utf8').trim(), place: { kind: 'file', path } });
  expect(first.key).toMatch(/^sk-[\w-]{43}$/);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(resolveMasterKey({ dataDir, env: {}, fromConfig: undefined })).toEqual(first);
});

test('the environment wins over the configuration, and our name over the one of LiteLLM', () => {
  const dataDir = dataFolder();
  const fromConfig = { value: 'sk-config', variable: undefined };
  const env = { HEADRACE_MASTER_KEY: 'sk-ours', LITELLM_MASTER_KEY: 'sk-theirs' };
  expect(resolveMasterKey({ dataDir, env, fromConfig }).key).toBe('sk-ours');
  expect(resolveMasterKey({ dataDir, env: { LITELLM_MASTER_KEY: 'sk-theirs' }, fromConfig }).key).toBe('sk-theirs');
  expect(resolveMasterKey({ dataDir, env: {}, fromConfig })).toEqual({ key: 'sk-config', place: { kind: 'config' } });
});

test('a key of the configuration that comes from a variable is found there', () => {
  const fromConfig = { value: 'sk-config', variable: 'MY_KEY' };
  expect(resolveMasterKey({ dataDir: dataFolder(), env: {}, fromConfig }).place).toEqual({ kind: 'environment', variable: 'MY_KEY' });
});
