import { expect, test } from 'vitest';
import { planInstall } from './install-nats-server.ts';

const means = (isRoot: boolean, hasSudo: boolean, ...programs: string[]) => ({ isRoot, hasSudo, programs: new Set(programs) });

test('root installs with the package manager that is there', () => {
  expect(planInstall(means(true, false, 'apt-get'))).toMatchObject({
    kind: 'run',
    commands: [['apt-get', 'update', '-q'], expect.arrayContaining(['nats-server'])],
  });
  expect(planInstall(means(true, false, 'apk'))).toMatchObject({ kind: 'run', commands: [['apk', 'add', '--quiet', 'nats-server']] });
});

test('a user whose sudo asks for no password installs through it, without ever being asked', () => {
  const plan = planInstall(means(false, true, 'apt-get'));
  expect(plan.kind === 'run' && plan.commands.every((command) => command.slice(0, 2).join(' ') === 'sudo -n')).toBe(true);
});

test('a user who may not install is told the command', () => {
  expect(planInstall(means(false, false, 'apt-get'))).toEqual({ kind: 'ask', instruction: 'run "sudo apt-get install -y nats-server"' });
  expect(planInstall(means(false, false, 'dnf'))).toEqual({ kind: 'ask', instruction: 'run "sudo dnf install -y nats-server"' });
});

test('Homebrew needs no root', () => {
  expect(planInstall(means(false, false, 'brew'))).toMatchObject({
    kind: 'run',
    commands: [['brew', 'install', '--quiet', 'nats-server']],
  });
});

test('without a known package manager the package and the variable are named', () => {
  expect(planInstall(means(true, false))).toMatchObject({
    kind: 'ask',
    instruction: expect.stringMatching(/nats-server.*NATS_SERVER_BIN/),
  });
});
