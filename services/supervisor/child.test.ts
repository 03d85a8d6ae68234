import { expect, onTestFinished, test } from 'vitest';
import { waitFor } from '#testing';
import { type ChildEvents, type ChildExit, type ChildSpec, SupervisedChild } from './child.ts';

/** A supervised Node process that runs `script`. */
function superviseScript(script: string, overrides: Partial<ChildSpec> = {}) {
  const pids: number[] = [];
  const exits: ChildExit[] = [];
  const lines: string[] = [];
  let readyCount = 0;
  const events: ChildEvents = {
    line: (_, line) => void lines.push(line),
    spawned: (_, pid) => void pids.push(pid),
    ready: () => void (readyCount += 1),
    exited: (_, exit) => void exits.push(exit),
  };
  const spec: ChildSpec = {
    name: 'service',
    command: process.execPath,
    args: ['-e', script],
    env: {},
    ready: 'message',
    stopSignal: 'SIGTERM',
    stopTimeoutMs: 2_000,
    ...overrides,
  };
  const child = new SupervisedChild(spec, events);
  onTestFinished(() => child.kill());
  return { child, pids, exits, lines, readyCount: () => readyCount };
}

const STAY = 'setInterval(() => {}, 1000);';
const READY = 'process.send({ type: "ready", port: 4242 });';

const isAlive = (pid: number | undefined) => {
  try {
    return pid !== undefined && process.kill(pid, 0);
  } catch {
    return false;
  }
};

test('a process that dies is started again', async () => {
  const { child, pids, exits, readyCount } = superviseScript(STAY + READY);
  await child.start();
  process.kill(pids[0]!, 'SIGKILL');
  await waitFor(() => readyCount() === 2, { what: 'the second start' });
  expect(pids[1]).not.toBe(pids[0]);
  expect(exits).toMatchObject([{ signal: 'SIGKILL', restartInMs: 100 }]);
});

test('a process that ends by itself is started again too', async () => {
  const { child, exits } = superviseScript(`${READY} setTimeout(() => process.exit(0), 20);`);
  await child.start();
  await waitFor(() => exits.length === 2, { what: 'the second end' });
  expect(exits.map((exit) => exit.restartInMs)).toEqual([100, 200]);
});

test('a stopped process is gone and stays away', async () => {
  const { child, pids, exits } = superviseScript(STAY + READY);
  await child.start();
  await child.stop();
  expect(isAlive(pids[0])).toBe(false);
  expect(exits).toMatchObject([{ signal: 'SIGTERM', restartInMs: undefined }]);
});

test('a process that ignores the stop signal is killed after its time', async () => {
  const { child, exits } = superviseScript(`process.on("SIGTERM", () => {}); ${STAY} ${READY}`, { stopTimeoutMs: 50 });
  await child.start();
  await child.stop();
  expect(exits).toMatchObject([{ signal: 'SIGKILL' }]);
});

test('a stop during the wait before a restart ends the wait', async () => {
  const { child, pids, exits } = superviseScript(STAY + READY);
  await child.start();
  process.kill(pids[0]!, 'SIGKILL');
  await waitFor(() => exits.length === 1, { what: 'the end' });
  await child.stop();
  await expect(waitFor(() => pids.length > 1, { what: 'a second start', timeoutMs: 300 })).rejects.toThrow('a second start');
});

test('a process that never gets ready fails the start after three tries, with its own last error', async () => {
  const { child, exits } = superviseScript('throw new TypeError("wrong turn")');
  await expect(child.start()).rejects.toThrow('service ended with code 1: TypeError: wrong turn');
  expect(exits).toHaveLength(3);
});

test('wrong settings fail the start at once', async () => {
  const { child, exits } = superviseScript('console.error("no such flag"); process.exit(2)');
  await expect(child.start()).rejects.toThrow('service ended with code 2: no such flag');
  expect(exits).toHaveLength(1);
});

test('a program that is not there fails the start', async () => {
  const { child } = superviseScript('', { command: '/nowhere/program', ready: () => Promise.resolve(true) });
  await expect(child.start()).rejects.toThrow('/nowhere/program');
});

test('a fatal log line is the reason when the service logs instead of throwing', async () => {
  const { child } = superviseScript(
    'console.log(JSON.stringify({ level: "fatal", msg: "start failed", err: { message: "port taken" } })); process.exit(1)',
  );
  await expect(child.start()).rejects.toThrow('service ended with code 1: start failed – port taken');
});

test('readiness may be asked for instead of being told', async () => {
  let asked = 0;
  const { child } = superviseScript(STAY, { ready: () => Promise.resolve((asked += 1) > 2) });
  await child.start();
  expect(asked).toBe(3);
});

test('every line of output is handed on', async () => {
  const { child, lines } = superviseScript(`console.log("out"); console.error("err"); ${STAY} ${READY}`);
  await child.start();
  await waitFor(() => lines.length === 2, { what: 'both lines' });
  expect(lines.toSorted()).toEqual(['err', 'out']);
});

test('a process is its own group, so that Ctrl-C at the terminal does not reach it', async () => {
  const { child, pids } = superviseScript(STAY + READY);
  await child.start();
  // A group of that id exists only when the process leads one.
  expect(() => process.kill(-pids[0]!, 0)).not.toThrow();
});
