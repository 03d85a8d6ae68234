import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { type Backoff, createBackoff } from './backoff.ts';
import { isAtLeast, readLogLine } from './human-line.ts';

/** How one supervised process is started and told to stop. */
export interface ChildSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string | undefined;
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  /** `message`: it says `{type: 'ready'}` over IPC. Otherwise asked every 20 ms until true. */
  readonly ready: 'message' | ((pid: number) => Promise<boolean>);
  readonly stopSignal: NodeJS.Signals;
  /** From the stop signal to SIGKILL. */
  readonly stopTimeoutMs: number;
}

export interface ChildExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Milliseconds until it is started again; `undefined` when it is not. */
  readonly restartInMs: number | undefined;
  /** The last thing it wrote to standard error, for a message. */
  readonly lastError: string;
}

export interface ChildEvents {
  line(name: string, line: string): void;
  spawned(name: string, pid: number): void;
  ready(name: string, port: number | undefined): void;
  exited(name: string, exit: ChildExit): void;
}

const PROBE_INTERVAL_MS = 20;
const READY_TIMEOUT_MS = 30_000;
/** A child that ends this often before it was ever ready will not get better: the start as a whole fails. */
const FIRST_START_ATTEMPTS = 3;
/** Wrong flags or settings: the same command line fails the same way. */
const USAGE_EXIT_CODE = 2;

/** A process that would not start: `message` says how it ended. */
export class StartError extends Error {
  readonly child: string;

  constructor(child: string, message: string) {
    super(message);
    this.name = 'StartError';
    this.child = child;
  }
}

/**
 * A process that is kept running.
 *
 * idle → starting → ready → (ended) → waiting → starting → …: whenever the process ends without being told to, it is started again
 * with the same command line after a delay that grows with each failure. `stop` leads from any state to stopped, which is final.
 * Until it was ready once, the third end (or an exit code that says "wrong settings") makes `start` reject and nothing is restarted.
 */
export class SupervisedChild {
  readonly spec: ChildSpec;
  readonly #events: ChildEvents;
  readonly #backoff: Backoff = createBackoff();
  readonly #ended = Promise.withResolvers<void>();
  readonly #firstReady = Promise.withResolvers<void>();
  #process: ChildProcess | undefined;
  #state: 'idle' | 'starting' | 'ready' | 'waiting' | 'stopping' | 'stopped' = 'idle';
  #wasReady = false;
  #starts = 0;
  #readyAtMs = 0;
  #restartTimer: NodeJS.Timeout | undefined;

  constructor(spec: ChildSpec, events: ChildEvents) {
    this.spec = spec;
    this.#events = events;
    // `start` hands it on; a stop before any start must not look like an unhandled rejection.
    this.#firstReady.promise.catch(() => undefined);
  }

  /** Resolves when the process is ready for the first time; rejects when it won't be. */
  start(): Promise<void> {
    if (this.#state === 'idle') this.#launch();
    return this.#firstReady.promise;
  }

  /** Tells the process to end, kills it after its time, and resolves when it is gone. */
  async stop(): Promise<void> {
    clearTimeout(this.#restartTimer);
    const running = this.#process;
    if (running === undefined) this.#finish();
    if (this.#state === 'stopped' || running === undefined) return;
    this.#state = 'stopping';
    running.kill(this.spec.stopSignal);
    const killTimer = setTimeout(() => running.kill('SIGKILL'), this.spec.stopTimeoutMs);
    await this.#ended.promise;
    clearTimeout(killTimer);
  }

  /** Kills the process at once, without waiting, for good. */
  kill(): void {
    clearTimeout(this.#restartTimer);
    if (this.#state !== 'stopped') this.#state = 'stopping';
    this.#process?.kill('SIGKILL');
  }

  #launch(): void {
    this.#state = 'starting';
    this.#starts += 1;
    const child = this.#spawn();
    this.#process = child;
    const errorLines: string[] = [];
    this.#readLines(child, errorLines);
    let spawnError: Error | undefined;
    child.on('error', (error) => (spawnError ??= error));
    // `close` rather than `exit`: the last lines have been read. It comes after a failed spawn, too.
    child.on('close', (code, signal) => this.#onClose({ code, signal, lastError: spawnError?.message ?? lastErrorOf(errorLines) }));
    if (child.pid === undefined) return;
    this.#events.spawned(this.spec.name, child.pid);
    void this.#awaitReady(child, child.pid);
  }

  #spawn(): ChildProcess {
    const { command, args, env, cwd, uid, gid, ready } = this.spec;
    return spawn(command, args, {
      env,
      cwd,
      ...(uid === undefined ? {} : { uid, gid }),
      // Its own process group: a Ctrl-C at the terminal reaches the supervisor alone, which stops everything in order.
      detached: true,
      stdio: ready === 'message' ? ['ignore', 'pipe', 'pipe', 'ipc'] : ['ignore', 'pipe', 'pipe'],
    });
  }

  #readLines(child: ChildProcess, errorLines: string[]): void {
    const { name } = this.spec;
    const remember = (text: string) => {
      errorLines.push(text);
      if (errorLines.length > 20) errorLines.shift();
    };
    if (child.stdout !== null) {
      createInterface({ input: child.stdout }).on('line', (line) => {
        this.#events.line(name, line);
        const entry = readLogLine(line);
        if (isAtLeast(entry.level, 'error')) remember(`Error: ${entry.text}`);
      });
    }
    if (child.stderr !== null) {
      createInterface({ input: child.stderr }).on('line', (line) => {
        this.#events.line(name, line);
        remember(line);
      });
    }
  }

  async #awaitReady(child: ChildProcess, pid: number): Promise<void> {
    const { ready } = this.spec;
    const timeout = setTimeout(() => child.kill('SIGKILL'), READY_TIMEOUT_MS);
    child.once('close', () => clearTimeout(timeout));
    if (ready === 'message') {
      child.on('message', (message) => {
        const port = readyPort(message);
        if (port === undefined) return;
        clearTimeout(timeout);
        this.#onReady(child, port.port);
      });
      return;
    }
    while (this.#process === child) {
      if (await ready(pid).catch(() => false)) {
        clearTimeout(timeout);
        this.#onReady(child, undefined);
        return;
      }
      await delay(PROBE_INTERVAL_MS);
    }
  }

  #onReady(child: ChildProcess, port: number | undefined): void {
    if (this.#process !== child || this.#state !== 'starting') return;
    this.#state = 'ready';
    this.#wasReady = true;
    this.#readyAtMs = performance.now();
    this.#events.ready(this.spec.name, port);
    this.#firstReady.resolve();
  }

  #onClose(end: Omit<ChildExit, 'restartInMs'>): void {
    this.#process = undefined;
    const readyForMs = this.#state === 'ready' ? performance.now() - this.#readyAtMs : 0;
    const isHopeless = !this.#wasReady && (this.#starts >= FIRST_START_ATTEMPTS || end.code === USAGE_EXIT_CODE);
    if (this.#state === 'stopping' || isHopeless) {
      this.#events.exited(this.spec.name, { ...end, restartInMs: undefined });
      this.#finish(describeEnd(this.spec.name, end));
      return;
    }
    const restartInMs = this.#backoff.next(readyForMs);
    this.#state = 'waiting';
    this.#restartTimer = setTimeout(() => this.#launch(), restartInMs);
    this.#events.exited(this.spec.name, { ...end, restartInMs });
  }

  #finish(reason = `${this.spec.name} was stopped`): void {
    this.#state = 'stopped';
    this.#firstReady.reject(new StartError(this.spec.name, reason));
    this.#ended.resolve();
  }
}

/** `name ended with code 1: last error`, for messages. */
export function describeEnd(name: string, end: Omit<ChildExit, 'restartInMs'>): string {
  // What it wrote last has nothing to do with a signal from outside.
  if (end.signal !== null) return `${name} was killed by ${end.signal}`;
  const reason = end.lastError === '' ? '' : `: ${end.lastError}`;
  return `${name} ended with code ${end.code ?? 'unknown'}${reason}`;
}

/** The line of a stack trace that names the error, else the last line. */
function lastErrorOf(lines: readonly string[]): string {
  const named = lines.findLast((line) => /^\s*\w*Error\b.*:/.test(line)) ?? lines.findLast((line) => line.trim() !== '') ?? '';
  return named.trim().replace(/^Error: /, '');
}

function readyPort(message: unknown): { port: number | undefined } | undefined {
  if (typeof message !== 'object' || message === null || !('type' in message) || message.type !== 'ready') return undefined;
  return { port: 'port' in message && typeof message.port === 'number' ? message.port : undefined };
}
