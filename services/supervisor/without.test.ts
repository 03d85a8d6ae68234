import { Command } from 'commander';
import { expect, test } from 'vitest';
import { addWithout, withoutOf } from './without.ts';

function parse(...argv: string[]): ReadonlySet<string> {
  const command = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
  addWithout(command);
  return withoutOf(command.parse(argv, { from: 'user' }).opts());
}

test('nothing is left out unless it is said', () => {
  expect(parse()).toEqual(new Set());
});

test('services are named with commas', () => {
  expect(parse('--without', 'batches, worker')).toEqual(new Set(['batches', 'worker']));
});

test.each(['ingress', 'batch', ''])('what the others need, or nobody knows, is refused with the names: %s', (name) => {
  expect(() => parse('--without', name)).toThrow('is none of batches, sandbox, worker');
});
