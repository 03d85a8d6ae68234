import type { GatewayConfig, KeyRules } from '#config';
import { GatewayError } from '#contracts';
import { parsePeriod, periodMs } from '#budgets';
import type { GenerateKeyInput } from './key-fields.ts';

type Config = Pick<GatewayConfig, 'keys'>;

/** `litellm_settings.default_key_generate_params`: what a new key gets where its request says nothing. */
export function withDefaults(input: GenerateKeyInput, { keys }: Config): GenerateKeyInput {
  const defaults = Object.entries(keys?.defaults ?? {}).filter(([name]) => input[name as keyof GenerateKeyInput] == null);
  return { ...input, ...Object.fromEntries(defaults) };
}

/**
 * `litellm_settings.upperbound_key_generate_params`: the most that a new key may have. What asks for more is refused; what says nothing gets
 * the most, since to say nothing would mean no limit.
 */
export function boundedByRules(input: GenerateKeyInput, { keys }: Config): GenerateKeyInput {
  const bounded: Record<string, unknown> = { ...input };
  for (const [name, most] of Object.entries(keys?.upperBounds ?? {})) {
    const asked: unknown = bounded[name];
    if (asked == null) bounded[name] = most;
    else if (isMore(asked, most)) throw tooMuch(name, most);
  }
  return bounded as GenerateKeyInput;
}

/** The same for a change of a key: what it does not name stays, what it takes out would be without a limit. */
export function checkBounds(input: Readonly<Record<string, unknown>>, { keys }: Config): void {
  for (const [name, most] of Object.entries(keys?.upperBounds ?? {})) {
    const asked = input[name];
    if (asked === null || (asked !== undefined && isMore(asked, most))) throw tooMuch(name, most);
  }
}

function tooMuch(name: string, most: Bound): GatewayError {
  return new GatewayError('invalid_request', `${name}: must not be more than ${most}, as the gateway is configured.`, { param: name });
}

type Bound = NonNullable<KeyRules['upperBounds'][string]>;

function isMore(asked: unknown, most: Bound): boolean {
  if (typeof most === 'string') return lengthOf(String(asked)) > lengthOf(most);
  return Number(asked) > most;
}

/** What can't be read is refused elsewhere, with better words; `-1` is for ever. */
function lengthOf(text: string): number {
  if (text === '-1') return Number.POSITIVE_INFINITY;
  const period = parsePeriod(text);
  return period === undefined ? 0 : periodMs(period);
}
