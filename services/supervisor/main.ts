import { inspect } from 'node:util';
import { onShutdown, ReleaseStack, scrubSecrets, settingsOrExit } from '#runtime';
import type { Children } from './children.ts';
import { type Level, LEVELS } from './human-line.ts';
import { createTerminal } from './terminal.ts';
import { up } from './up.ts';
import { UpError } from './up-error.ts';
import { addWithout, withoutOf } from './without.ts';

/** The stages of a stop take 4.8 s at most; this is the end for whatever hangs beside them. */
const STOP_DEADLINE_MS = 5_000;

const { settings, flags } = settingsOrExit({
  name: 'up',
  summary: 'Runs everything on this machine: NATS, Postgres and every service, supervised',
  argv: process.argv.slice(2),
  env: process.env,
  options: addWithout,
});
const terminal = createTerminal({
  threshold: terminalThreshold(settings.logLevel),
  write: (text) => process.stdout.write(text),
  now: Date.now,
});
const complain = (fields: object, message?: string) =>
  terminal.warn(scrubSecrets(`${message ?? ''} ${inspect(fields, { breakLength: Infinity })}`));
const releases = new ReleaseStack({ warn: complain, error: complain });
const stop = new AbortController();
let children: Children | undefined;

onShutdown({
  release: async (cause) => {
    stop.abort();
    if (cause.kind === 'error')
      terminal.say(`headrace up: ${cause.error instanceof Error ? (cause.error.stack ?? '') : String(cause.error)}`);
    else terminal.say('Stopping …');
    await releases.run(STOP_DEADLINE_MS);
    children?.kill();
  },
  onSecondSignal: () => children?.kill(),
});

try {
  await up({
    settings,
    without: withoutOf(flags),
    env: process.env,
    terminal,
    releases,
    signal: stop.signal,
    onChildren: (opened) => (children = opened),
  });
} catch (error) {
  // A start that was interrupted fails because it was: the shutdown is on its way and ends the process.
  if (!stop.signal.aborted) await fail(error);
}

async function fail(error: unknown): Promise<never> {
  stop.abort();
  const message = error instanceof Error ? error.message : String(error);
  const details = error instanceof UpError || !(error instanceof Error) ? message : (error.stack ?? message);
  process.stderr.write(`headrace up: ${scrubSecrets(details)}\n`);
  await releases.run(STOP_DEADLINE_MS);
  children?.kill();
  process.exit(1);
}

/** Warnings and errors only, unless somebody asked for more than `info`. */
function terminalThreshold(logLevel: string): Level {
  if (logLevel === 'silent') return 'fatal';
  return logLevel === 'info' ? 'warn' : (LEVELS.find((level) => level === logLevel) ?? 'warn');
}
