import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { builtinConfig } from './builtin-config.ts';
import { ConfigError } from './config-error.ts';
import { loadConfig } from './load-config.ts';
import { createModelIndex } from './models/model-index.ts';
import { renderConfigCheck } from './render-config-check.ts';
import { resolveSecret } from './secret-ref.ts';

const providers = new Set(['openai', 'anthropic', 'sandbox']);
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'headrace-config-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function write(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

function load(file: string | undefined, env: Record<string, string | undefined> = {}) {
  return loadConfig({ file, env, providers });
}

const MODEL = 'model_list:\n  - model_name: m\n    litellm_params: {model: openai/gpt-4o, api_key: os.environ/KEY}\n';

describe('reading a file', () => {
  test('names of included files are relative to the file that includes them', () => {
    mkdirSync(join(folder, 'sub'));
    write('sub/more.yaml', 'include: [../last.yaml]\nmodel_list: [{model_name: n, litellm_params: {model: openai/n}}]');
    write('last.yaml', 'router_settings: {num_retries: 7}');
    const config = load(write('main.yaml', `include: [sub/more.yaml]\n${MODEL}`));
    expect(config.deployments.map((deployment) => deployment.modelGroup)).toEqual(['m', 'n']);
    expect(config.router.numRetries).toBe(7);
  });

  test('variables of the file are set where the environment has none', () => {
    const env: Record<string, string | undefined> = { TAKEN: 'outside', EMPTY: '' };
    load(write('variables.yaml', `environment_variables: {KEY: inside, TAKEN: inside, EMPTY: inside, PORT: 5}\n${MODEL}`), env);
    expect(env).toEqual({ TAKEN: 'outside', EMPTY: 'inside', KEY: 'inside', PORT: '5' });
  });

  test('a byte order mark and Windows line ends are no problem', () => {
    expect(load(write('windows.yaml', `\uFEFF${MODEL.replaceAll('\n', '\r\n')}`)).deployments).toHaveLength(1);
  });

  test.each([
    ['is not there', () => join(folder, 'gone.yaml'), /does not exist/],
    ['is a directory', () => folder, /is a directory/],
    ['has 5 MB', () => write('big.yaml', `model_list: []\n${'# padding\n'.repeat(524_288)}`), /has 5\.0 MB; a configuration may have 2 MB/],
    [
      'includes one that is not there',
      () => write('includes.yaml', `include: [nowhere.yaml]\n${MODEL}`),
      /nowhere\.yaml: the file does not exist/,
    ],
    ['is binary', () => write('binary.yaml', '\u0000\u0001\u0002: [\u0000'), /not valid YAML|must be a mapping/],
  ])('a file that %s is refused clearly', (_name, file, message) => {
    expect(() => load(file())).toThrow(ConfigError);
    expect(() => load(file())).toThrow(message);
  });

  test.skipIf(process.getuid?.() === 0)('a file that may not be read is refused clearly', () => {
    const file = write('locked.yaml', MODEL);
    chmodSync(file, 0o000);
    expect(() => load(file)).toThrow(/may not be read/);
  });
});

describe('the built-in configuration', () => {
  test('serves the sandbox models, priced, with no file and no key', () => {
    const config = load(undefined);
    expect(config).toEqual(builtinConfig());
    const index = createModelIndex(config);
    for (const name of ['sandbox/echo', 'sandbox/tools', 'sandbox/slow', 'sandbox/anything']) {
      expect(index.resolve(name)?.deployments).toMatchObject([
        { provider: 'sandbox', upstreamModel: name.slice(8), prices: { inputUsd: '0.00000015' } },
      ]);
    }
    expect(config.warnings).toEqual([]);
  });
});

test('a secret is resolved where it is used; an empty variable is none', () => {
  const env = { SET: 'value', EMPTY: '' };
  expect(resolveSecret({ literal: 'x' }, env)).toBe('x');
  expect(resolveSecret({ env: 'SET' }, env)).toBe('value');
  expect(resolveSecret({ env: 'EMPTY' }, env)).toBeUndefined();
  expect(resolveSecret({ env: 'GONE' }, env)).toBeUndefined();
  expect(resolveSecret(undefined, env)).toBeUndefined();
});

test('the check of a valid file shows its models, where prices come from and the warnings, and no secret', () => {
  const text = `${MODEL.replace('os.environ/KEY', 'sk-secret')}    model_info: {id: m-1, tier: fast}\n`;
  const config = load(write('check.yaml', text));
  const shown = renderConfigCheck({ ...config, file: 'check.yaml' }, { priceSource: () => 'catalogue' });
  expect(shown).toBe(
    [
      'check.yaml: 1 model, 1 deployment',
      '',
      'MODEL  PROVIDER  SENT AS  TIER  PRICE      ID',
      'm      openai    gpt-4o   fast  catalogue  m-1',
      '',
      '1 warning:',
      '  no second provider for group m: an outage of openai takes it down',
      '',
    ].join('\n'),
  );
});
