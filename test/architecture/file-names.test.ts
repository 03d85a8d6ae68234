import { basename, dirname } from 'node:path';
import { expect, it } from 'vitest';
import { productionFiles } from './source-files.ts';

/** Names that say nothing of what is inside, so that everything ends up inside. */
const DRAWERS = ['utils', 'util', 'common', 'shared', 'helpers', 'helper', 'misc', 'types', 'lib'];

it('no file or folder is a drawer: each is named for what it does', () => {
  const drawers = productionFiles().filter((path) => {
    const names = [basename(path).replace(/\.(ts|mjs)$/, ''), ...dirname(path).split('/')];
    return names.some((name) => DRAWERS.includes(name));
  });
  expect(drawers).toEqual([]);
});
