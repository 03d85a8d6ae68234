import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from './source-files.ts';

interface LockedPackage {
  readonly resolved?: string;
  readonly integrity?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

interface LockFile {
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

const lockFile = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as LockFile;
const packages = Object.entries(lockFile.packages).filter(([path]) => path !== '');

it('the lock file names no registry host, so that it installs from any', () => {
  expect(packages.filter(([, entry]) => entry.resolved !== undefined).map(([path]) => path)).toEqual([]);
});

it('the lock file pins every package by its content', () => {
  expect(packages.filter(([, entry]) => entry.integrity === undefined).map(([path]) => path)).toEqual([]);
});

it('the lock file holds the packages of every platform: npm ci refuses one that lacks any', () => {
  const missing = packages.flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter(
      (name) => !lockFile.packages[`${path}/node_modules/${name}`] && !lockFile.packages[`node_modules/${name}`],
    ),
  );
  expect(missing).toEqual([]);
});
