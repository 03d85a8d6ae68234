import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { ROOT } from './source-files.ts';

const PAGES = globSync(['*.md', 'docs/**/*.md'], { cwd: ROOT });

/** Folders and files of the repository's top that pages name in backticks: what begins with one of these is meant as a path. */
const PATH_ROOTS = /^(docs|drizzle|infra|libs|scripts|services|test|\.ci)\//;

/** Targets of `[text](target)` that stay in the repository, and paths in backticks, both relative to `folder`. Patterns are left out. */
function localPaths(markdown: string, folder: string): string[] {
  const prose = markdown.replaceAll(/^```[^]*?^```/gm, '');
  const links = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1] ?? '');
  const local = links.filter((target) => !/^(\w+:|#)/.test(target)).map((target) => join(folder, target.replace(/#.*$/, '')));
  const named = [...prose.matchAll(/`([^`\s]+)`/g)].map((match) => match[1] ?? '').filter((text) => PATH_ROOTS.test(text));
  return [...local, ...named.filter((text) => !/[*{<…]/.test(text))].map((path) => normalize(path));
}

/** Anchors GitHub makes of a page's headings. */
function anchors(markdown: string): string[] {
  const headings = [...markdown.replaceAll(/^```[^]*?^```/gm, '').matchAll(/^#+ (.+)$/gm)].map((match) => match[1] ?? '');
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

function brokenAnchors(markdown: string, path: string): string[] {
  return [...markdown.matchAll(/\]\(([^)\s:]*)#([^)\s]+)\)/g)]
    .filter(([, target = '', anchor = '']) => {
      const page = target === '' ? markdown : readFileSync(join(ROOT, dirname(path), target), 'utf8');
      return !anchors(page).includes(anchor);
    })
    .map((match) => match[0]);
}

test.each(PAGES)('every file that %s names exists', (path) => {
  const missing = localPaths(readFileSync(join(ROOT, path), 'utf8'), dirname(path)).filter((target) => !existsSync(join(ROOT, target)));
  expect(missing).toEqual([]);
});

test.each(PAGES)('every heading that %s links to exists', (path) => {
  expect(brokenAnchors(readFileSync(join(ROOT, path), 'utf8'), path)).toEqual([]);
});

test.each(PAGES)('every npm script that %s names exists', (path) => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
  const named = [...readFileSync(join(ROOT, path), 'utf8').matchAll(/npm run ([\w:-]+)/g)].map((match) => match[1] ?? '');
  expect(named.filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
});

describe('a path', () => {
  it('is found as a link and in backticks, beside the page or from the top', () => {
    const page =
      'See [a](../a.md#part), [web](https://x.y/z), [here](#top), `libs/bus`, `libs/*/x.ts` and `npm test`.\n```\n[b](b.md)\n```\n';
    expect(localPaths(page, 'docs')).toEqual(['a.md', 'libs/bus']);
  });

  it('with an anchor is broken when no heading has that name', () => {
    expect(brokenAnchors('# One thing: `x`\n[ok](#one-thing-x) [bad](#two)', 'README.md')).toEqual(['](#two)']);
  });
});
