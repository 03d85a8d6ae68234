import { expect, test } from 'vitest';
import type { Level } from './human-line.ts';
import { createTerminal } from './terminal.ts';

function terminalAt(threshold: Level) {
  const lines: string[] = [];
  const clock = { now: 0 };
  const terminal = createTerminal({ threshold, write: (text) => lines.push(text.slice('00:00:00 '.length)), now: () => clock.now });
  return { lines, clock, terminal };
}

const line = (level: Level, msg: string) => JSON.stringify({ level, msg });

test('warnings and errors of services are shown, the rest is in the files', () => {
  const { lines, terminal } = terminalAt('warn');
  for (const level of ['debug', 'info', 'warn', 'error'] as const) terminal.show('worker', line(level, `a ${level}`));
  expect(lines).toEqual(['warn  worker: a warn\n', 'error worker: a error\n']);
});

test('with a lower level everything from there on is shown', () => {
  const { lines, terminal } = terminalAt('debug');
  terminal.show('worker', line('debug', 'detail'));
  expect(lines).toEqual(['debug worker: detail\n']);
});

test('an outage that is reported again and again is shown once in 10 s', () => {
  const { lines, clock, terminal } = terminalAt('warn');
  for (clock.now = 0; clock.now < 20_000; clock.now += 100) terminal.show('worker', line('warn', 'no connection'));
  terminal.show('ingress', line('warn', 'no connection'));
  expect(lines).toEqual(['warn  worker: no connection\n', 'warn  worker: no connection\n', 'warn  ingress: no connection\n']);
});
