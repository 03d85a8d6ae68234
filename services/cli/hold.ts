import { Command } from 'commander';
import { type GatewayFlags, isRecord, openGatewayApi, runCommand, withGatewayFlags } from './gateway-api.ts';

/** `headrace pause|drain|resume`: holds a provider, a tier, or one tier of one provider back on all workers, and lets it go on. */
const SUMMARIES: Readonly<Record<string, string>> = {
  pause: 'Starts nothing of a provider or tier: what waits stays in the queue until it is resumed',
  drain: 'Starts nothing of a provider or tier: what waits goes on to other deployments, what runs ends',
  resume: 'Lets a provider or tier go on',
};

interface HoldFlags extends GatewayFlags {
  readonly provider?: string;
  readonly tier?: string;
  readonly reason?: string;
}

const [action = '', ...args] = process.argv.slice(2);
const program = withGatewayFlags(new Command(`headrace ${action}`))
  .description(SUMMARIES[action] ?? '')
  .option('--provider <name>', 'a provider of the configuration')
  .option('--tier <name>', 'a tier of the configuration');
if (action !== 'resume') program.option('--reason <text>', 'kept with it, for those who wonder');
program.action(async ({ provider, tier, reason, ...flags }: HoldFlags) => {
  const api = openGatewayApi(flags, process.env);
  const answer = await api.call('POST', `/queue/${action}`, { provider, tier, reason });
  process.stdout.write(`${placeText(provider, tier)}: ${outcome(answer)}\n`);
});
await runCommand(program, args);

function outcome(answer: unknown): string {
  if (action !== 'resume') return action === 'pause' ? 'paused' : 'being drained';
  const { resumed, still_held_by: others } = isRecord(answer) ? answer : {};
  const rest = Array.isArray(others) && others.length > 0 ? `, still held by ${others.map(describe).join(' and ')}` : '';
  return `${resumed === true ? 'resumed' : 'was not held'}${rest}`;
}

function describe(hold: unknown): string {
  const fields = isRecord(hold) ? hold : {};
  const text = (name: string): string => (typeof fields[name] === 'string' ? fields[name] : '');
  return `a ${text('mode')} of ${placeText(text('provider'), text('tier'))}`;
}

function placeText(provider: string | undefined, tier: string | undefined): string {
  return [provider && `provider ${provider}`, tier && `tier ${tier}`].filter(Boolean).join(', ');
}
