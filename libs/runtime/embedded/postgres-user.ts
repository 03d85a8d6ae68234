import { stat } from 'node:fs/promises';
import { runProgram } from './run-program.ts';

/** Who Postgres runs as: it refuses root. */
export interface PostgresUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** Preferred first; `nobody` is the last resort because others run as it too. */
const CANDIDATES = ['postgres', 'headrace', 'nobody'];

/**
 * The unprivileged user for Postgres, or `undefined` when this process is not root and Postgres simply runs as the same user.
 * A cluster that exists already keeps its owner. As root without a suitable user one named `headrace` is created where `useradd`
 * is at hand. Rejects when there is no user at all.
 */
export async function choosePostgresUser(cluster: string): Promise<PostgresUser | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const owner = await stat(cluster).catch(() => undefined);
  if (owner !== undefined && owner.uid !== 0) return { name: `user ${owner.uid}`, uid: owner.uid, gid: owner.gid };
  const known = (await lookUp('postgres')) ?? (await lookUp('headrace')) ?? (await createUser('headrace')) ?? (await lookUp('nobody'));
  if (known === undefined) throw new Error(`Postgres can't run as root and none of the users ${CANDIDATES.join(', ')} exists`);
  return known;
}

/** Whether the user can run the program or enter the folder at this path: asked of the system, which knows about every parent folder. */
export async function isReachable(path: string, user: PostgresUser | undefined): Promise<boolean> {
  const { exitCode } = await runProgram('test', ['-x', path], { uid: user?.uid, gid: user?.gid, cwd: '/' });
  return exitCode === 0;
}

async function lookUp(name: string): Promise<PostgresUser | undefined> {
  const [uid, gid] = await Promise.all([runProgram('id', ['-u', name]), runProgram('id', ['-g', name])]);
  if (uid.exitCode !== 0 || gid.exitCode !== 0) return undefined;
  return { name, uid: Number(uid.output), gid: Number(gid.output) };
}

async function createUser(name: string): Promise<PostgresUser | undefined> {
  const { exitCode } = await runProgram('useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', name]);
  return exitCode === 0 ? lookUp(name) : undefined;
}
