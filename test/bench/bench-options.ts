import { parseArgs } from 'node:util';
import { TARGETS, type TargetName } from './target.ts';

export interface BenchOptions {
  readonly rounds: number;
  /** Of each measurement. */
  readonly seconds: number;
  readonly connections: readonly number[];
  readonly streamConnections: readonly number[];
  readonly only: readonly TargetName[];
  /** File for all measurements. */
  readonly json: string | undefined;
}

export function readBenchOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string', default: '3' },
      seconds: { type: 'string', default: '5' },
      connections: { type: 'string', default: '1,64,256' },
      'stream-connections': { type: 'string', default: '1,64' },
      only: { type: 'string', default: 'direct,bare,headrace' },
      json: { type: 'string' },
    },
  });
  return {
    rounds: wholeNumber('rounds', values.rounds),
    seconds: wholeNumber('seconds', values.seconds),
    connections: listOf('connections', values.connections),
    streamConnections: listOf('stream-connections', values['stream-connections']),
    only: values.only.split(',').map(targetNamed),
    json: values.json,
  };
}

export function targetNamed(name: string): TargetName {
  const target = TARGETS.find((one) => one === name);
  if (target === undefined) throw new Error(`a target is one of ${TARGETS.join(', ')}, not ${name}`);
  return target;
}

export function wholeNumber(flag: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${flag} takes a whole number from 1, not ${text}`);
  return value;
}

/** An empty text is an empty list: that scenario is left out. */
function listOf(flag: string, text: string): readonly number[] {
  return text === '' ? [] : text.split(',').map((one) => wholeNumber(flag, one));
}
