import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface ProgramOptions {
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  readonly cwd?: string | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Text for its standard input. */
  readonly input?: string | undefined;
  /** Ends the program when aborted. */
  readonly signal?: AbortSignal | undefined;
}

export interface ProgramResult {
  /** 0 for success; 127 when the program is not there. */
  readonly exitCode: number;
  /** Standard output and error, as they came. */
  readonly output: string;
}

/** Runs a program to its end. Never rejects: a program that can't be started has exit code 127. */
export async function runProgram(program: string, args: readonly string[], options: ProgramOptions = {}): Promise<ProgramResult> {
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    stdio: 'pipe',
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.gid }),
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  // A program that does not read its input closes the pipe: its exit code tells the story.
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    return { exitCode: code ?? 1, output };
  } catch (error) {
    return { exitCode: 127, output: String(error) };
  }
}
