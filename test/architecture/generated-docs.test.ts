import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { fillBlocks, GENERATED_BLOCKS } from '../../scripts/generated-blocks.ts';
import { NATS_USERS_FILE, renderNatsUsers } from '../../scripts/nats-users.ts';
import { ROOT } from './source-files.ts';

const PAGES = globSync('docs/**/*.md', { cwd: ROOT });

test.each(PAGES)('%s says what the code says (else: npm run docs:config)', (path) => {
  const page = readFileSync(join(ROOT, path), 'utf8');
  expect(fillBlocks(page)).toBe(page);
});

test.each(Object.keys(GENERATED_BLOCKS))('the block %s stands in a page', (name) => {
  const pages = PAGES.filter((path) => readFileSync(join(ROOT, path), 'utf8').includes(`<!-- generated:${name} `));
  expect(pages).toHaveLength(1);
});

test('the users of NATS are those of the code (else: npm run docs:config)', () => {
  expect(readFileSync(join(ROOT, NATS_USERS_FILE), 'utf8')).toBe(renderNatsUsers());
});

describe('a block', () => {
  it('that is out of date is written anew, and what stands around it is kept', () => {
    const page = 'before\n<!-- generated:errors by hand -->\nold\n<!-- /generated:errors -->\nafter\n';
    const filled = fillBlocks(page);
    expect(filled).toMatch(/^before\n<!-- generated:errors by hand -->\n\n\| code \|/);
    expect(filled).toMatch(/<!-- \/generated:errors -->\nafter\n$/);
    expect(filled).not.toContain('old');
    expect(fillBlocks(filled)).toBe(filled);
  });

  it('that nobody generates is an error, and so is one that is not closed', () => {
    expect(() => fillBlocks('<!-- generated:no-such -->\n<!-- /generated:no-such -->')).toThrow(/no-such/);
    expect(() => fillBlocks('<!-- generated:errors -->\n')).toThrow(/not closed/);
  });
});
