import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { addToTable, exportOf, problemsOf } from '../../scripts/provider-source.ts';
import { ROOT } from './source-files.ts';

const TABLE = join(ROOT, 'libs/providers/table.ts');
const FLAGS = {
  id: 'acme_ai',
  name: "Acme's AI",
  'base-url': 'https://api.acme.example/v1',
  env: 'ACME_API_KEY',
  docs: 'https://acme.example',
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'headrace-provider-'));
  copyFileSync(TABLE, join(folder, 'table.ts'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function run(flags: Record<string, string>) {
  const args = Object.entries({ ...flags, into: folder }).flatMap(([name, value]) => [`--${name}`, value]);
  return spawnSync(process.execPath, [join(ROOT, 'scripts/new-provider.ts'), ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

describe('npm run new:provider', () => {
  it('writes a data file and the two lines of the table, in their place', () => {
    expect(run(FLAGS)).toMatchObject({ status: 0 });
    const source = readFileSync(join(folder, 'acme-ai.ts'), 'utf8');
    expect(source).toContain('export const acmeAi: ProviderRecord = {');
    for (const line of [
      "id: 'acme_ai',",
      "name: 'Acme\\'s AI',",
      "baseUrl: 'https://api.acme.example/v1',",
      "envKeys: ['ACME_API_KEY'],",
    ]) {
      expect(source).toContain(line);
    }
    const table = readFileSync(join(folder, 'table.ts'), 'utf8');
    expect(table).toMatch(/^import \{ acmeAi \} from '\.\/acme-ai\.ts';\nimport \{ ai21 \}/m);
    expect(table).toMatch(/\n {2}acmeAi,\n {2}ai21,\n/);
    expect(table.split('\n')).toHaveLength(readFileSync(TABLE, 'utf8').split('\n').length + 2);
  });

  it('leaves everything as it was when an answer is wrong or the provider is there', () => {
    const before = readFileSync(TABLE, 'utf8');
    expect(run({ ...FLAGS, id: 'Acme AI' })).toMatchObject({ status: 1, stderr: expect.stringContaining('--id') });
    expect(run(FLAGS).status).toBe(0);
    const after = readFileSync(join(folder, 'table.ts'), 'utf8');
    expect(run(FLAGS)).toMatchObject({ status: 1, stderr: expect.stringContaining('is there already') });
    expect(readFileSync(join(folder, 'table.ts'), 'utf8')).toBe(after);
    expect(after).not.toBe(before);
  });
});

it.each([
  ['zzz', /import \{ zzz \} from '\.\/zzz\.ts';\nimport \{ PLAIN_GATEWAYS \}[^]*\n {2}zzz,\n {2}\.\.\.PLAIN_GATEWAYS,\n/],
  ['0first', /^import \{ provider0first \} from '\.\/0first\.ts';\nimport \{ ai21 \}[^]*\n {2}provider0first,\n {2}ai21,\n/],
])('%s has its place in the table', (id, lines) => {
  expect(addToTable(readFileSync(TABLE, 'utf8'), id)).toMatch(lines);
});

it('a table of another shape is not guessed at', () => {
  expect(() => addToTable('export const PROVIDERS = [];', 'acme')).toThrow('does not look as expected');
});

it.each([
  [{ id: '', name: '', baseUrl: 'http://x/', env: 'key', docsUrl: 'x' }, 5],
  [{ id: 'a', name: 'A', baseUrl: 'https://x/v1?y', env: 'A', docsUrl: '' }, 1],
  [{ id: 'a', name: 'A', baseUrl: '', env: 'A_KEY', docsUrl: '' }, 0],
])('answers %j have %i problems', (answers, count) => {
  expect(problemsOf(answers)).toHaveLength(count);
});

it('an export is a name', () => {
  expect(['fireworks_ai', '302ai', 'a--b'].map(exportOf)).toEqual(['fireworksAi', 'provider302ai', 'aB']);
});
