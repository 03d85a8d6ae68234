import { existsSync } from 'node:fs';

export interface Program {
  readonly command: string;
  readonly args: readonly string[];
}

/** From util-linux, which every Debian, Ubuntu, Fedora and Alpine with coreutils has. */
const SETPRIV = ['/usr/bin/setpriv', '/bin/setpriv'];

/**
 * The same program, sent `signal` by the kernel when the process that starts it dies, even by kill -9. A server of somebody else's
 * making has no channel to notice that. Only Linux has this; elsewhere the program is returned as it is.
 */
export function dieWithParent(program: Program, signal: 'SIGTERM' | 'SIGINT' | 'SIGKILL'): Program {
  const setpriv = process.platform === 'linux' ? SETPRIV.find((path) => existsSync(path)) : undefined;
  if (setpriv === undefined) return program;
  // It replaces itself by the program: the process id and the command line are the program's own.
  return { command: setpriv, args: ['--pdeathsig', signal.slice('SIG'.length), program.command, ...program.args] };
}
