import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { readSettings, UsageError } from './settings.ts';

const read = (argv: string[], env: Record<string, string> = {}) => readSettings({ name: 'worker', summary: 'Test', argv, env });

const usageErrorOf = (argv: string[], env: Record<string, string> = {}): UsageError => {
  try {
    read(argv, env);
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
  throw new Error('no usage error');
};

test('without flags and environment every setting has its default', () => {
  expect(read([]).settings).toMatchObject({ port: 4000, host: '127.0.0.1', dataDir: resolve('.headrace'), logLevel: 'info' });
  expect(read([]).settings.probePort).toBeUndefined();
});

test('a flag wins over the environment', () => {
  const env = { PORT: '5000', HEADRACE_CONFIG: 'env.yaml', HOST: '0.0.0.0' };
  expect(read(['--port', '6000'], env).settings).toMatchObject({ port: 6000, configFile: 'env.yaml', host: '0.0.0.0' });
});

test('an empty variable counts as not set', () => {
  expect(read([], { PORT: '', HEADRACE_MASTER_KEY: '', LITELLM_MASTER_KEY: 'sk-other' }).settings).toMatchObject({
    port: 4000,
    masterKey: 'sk-other',
  });
});

test.each([
  ['an unknown flag', ['--prot', '1'], {}, /--prot.*--port/],
  ['a port that is no number', ['--port', 'abc'], {}, /--port.*'abc'/],
  ['a port out of range', ['--port', '70000'], {}, /--port.*'70000'/],
  ['a port out of range in the environment', [], { PORT: '70000' }, /PORT.*'70000'/],
  ['a bad probe port in the environment', [], { HEADRACE_PROBE_PORT: 'x' }, /HEADRACE_PROBE_PORT.*'x'/],
  ['a misspelt log level', [], { LOG_LEVEL: 'debgu' }, /LOG_LEVEL.*'debgu'.*debug/],
  ['a shutdown time that is no number', [], { HEADRACE_SHUTDOWN_MS: '5s' }, /HEADRACE_SHUTDOWN_MS.*'5s'/],
  ['a stray argument', ['stray'], {}, /too many arguments/],
])('%s is one line that names it, with exit code 2', (_, argv, env, expected) => {
  const error = usageErrorOf(argv, env);
  expect(error.message).toMatch(expected);
  expect(error.message).not.toContain('\n');
  expect(error.exitCode).toBe(2);
});

test("a service's own flags arrive as flags", () => {
  const parsed = readSettings({
    name: 'worker',
    summary: 'Test',
    argv: ['--provider', 'a,b'],
    env: {},
    options: (command) => command.option('--provider <names>', 'which'),
  });
  expect(parsed.flags).toMatchObject({ provider: 'a,b' });
});
