import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { dieWithParent } from '#runtime';
import { waitFor } from './wait-for.ts';

/** A real server for tests that can be taken away and given back on the same address. */
export interface TestServer {
  /** With user and password. */
  readonly url: string;
  /** Starts it again after `stop` or `kill`, with its data; resolves when it answers. */
  start(): Promise<void>;
  /** Stops it in an orderly way; its data stays. */
  stop(): Promise<void>;
  /** kill -9. */
  kill(): Promise<void>;
  /** Ends it for good and removes its data. */
  remove(): Promise<void>;
}

export interface ServerProcess {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly cwd?: string | undefined;
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  readonly stopSignal: NodeJS.Signals;
  readonly isReady: (pid: number) => Promise<boolean>;
}

export interface RestartableProcess {
  start(): Promise<void>;
  end(signal: NodeJS.Signals): Promise<void>;
}

const READY_TIMEOUT_MS = 20_000;

/** A server as a child process of the test, started and ended as often as a test likes. */
export function createRestartableProcess(spec: ServerProcess): RestartableProcess {
  let running: ChildProcess | undefined;
  const end = async (signal: NodeJS.Signals) => {
    const child = running;
    running = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  };
  return {
    start: async () => {
      let output = '';
      await waitFor(
        async () => {
          // Again when it ended: after a kill -9 of Postgres its children hold on to the data for a moment.
          if (running === undefined || running.exitCode !== null) {
            running = spawnServer(spec);
            running.stderr?.on('data', (chunk: Buffer) => (output = `${output}${chunk.toString()}`.slice(-2_000)));
          }
          return running.pid !== undefined && (await spec.isReady(running.pid));
        },
        { what: `${spec.name} to be ready`, timeoutMs: READY_TIMEOUT_MS, intervalMs: 50 },
      ).catch((error: unknown) => {
        throw new Error(`${spec.name} does not start: ${output}`, { cause: error });
      });
    },
    end,
  };
}

function spawnServer(spec: ServerProcess): ChildProcess {
  const { env, cwd, uid, gid } = spec;
  // A test run that is killed must not leave servers behind.
  const { command, args } = dieWithParent(spec, 'SIGKILL');
  const child = spawn(command, args, {
    env: env ?? {},
    cwd,
    ...(uid === undefined ? {} : { uid, gid }),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  // Without a process there is no exit code: the wait for readiness ends with its own message.
  child.on('error', () => undefined);
  return child;
}
