import { Command, InvalidArgumentError } from 'commander';
import { type GatewayFlags, openGatewayApi, runCommand, withGatewayFlags } from './gateway-api.ts';
import { readTopSample, renderTop, type TopSample } from './top-view.ts';

interface TopFlags extends GatewayFlags {
  readonly every: number;
  readonly once?: boolean;
}

const CLEAR = '\u001B[H\u001B[2J';

/** `headrace top`: what works, what waits, how fast and for how much, until Ctrl-C. */
const program = withGatewayFlags(new Command('headrace top'))
  .description('Pools, queues, rates and spend as they change')
  .option('--every <seconds>', 'between two looks', seconds, 2)
  .option('--once', 'look twice, print, and end')
  .action(async ({ every, once, ...flags }: TopFlags) => {
    const api = openGatewayApi(flags, process.env);
    let before: TopSample | undefined;
    for (;;) {
      const sample = await readTopSample(api, performance.now());
      if (before !== undefined || once !== true) {
        process.stdout.write(`${process.stdout.isTTY ? CLEAR : ''}${renderTop(sample, before)}\n`);
      }
      if (before !== undefined && once === true) return;
      before = sample;
      await new Promise((resolve) => setTimeout(resolve, every * 1_000));
    }
  });
await runCommand(program, process.argv.slice(2));

function seconds(text: string): number {
  const value = Number(text);
  if (value >= 0.2 && value <= 3_600) return value;
  throw new InvalidArgumentError('It takes a number of seconds from 0.2.');
}
