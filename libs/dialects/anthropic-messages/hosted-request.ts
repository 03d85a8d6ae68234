import type { ProviderCall } from '../dialect-codec.ts';
import { ANTHROPIC_VERSION, type AnthropicHosting } from './hosting.ts';

type ClientHeaders = Readonly<Record<string, string>>;

/** The betas a client named that the host takes, and those it does not. */
export interface HostedBetas {
  readonly taken: readonly string[];
  readonly refused: readonly string[];
}

export function hostedBetas(hosting: AnthropicHosting, clientHeaders: ClientHeaders): HostedBetas {
  const named = (clientHeaders['anthropic-beta'] ?? '')
    .split(',')
    .map((beta) => beta.trim())
    .filter((beta) => beta !== '');
  const { takesBeta } = hosting;
  if (takesBeta === undefined) return { taken: named, refused: [] };
  return { taken: named.filter((beta) => takesBeta(beta)), refused: named.filter((beta) => !takesBeta(beta)) };
}

/** Headers of the dialect on this host. `version` is the one the body was written for. */
export function hostedHeaders(
  hosting: AnthropicHosting,
  clientHeaders: ClientHeaders,
  version = ANTHROPIC_VERSION,
): Record<string, string> {
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  if (hosting.bodyVersion === undefined) headers['anthropic-version'] = version;
  const { taken } = hostedBetas(hosting, clientHeaders);
  if (hosting.betasIn === 'header' && taken.length > 0) headers['anthropic-beta'] = taken.join(',');
  return headers;
}

/** What the host wants of the body, member by member: a value to set where the client set none, `undefined` to take out. */
export function hostedMembers(hosting: AnthropicHosting, call: ProviderCall, clientHeaders: ClientHeaders): Map<string, unknown> {
  const members = new Map<string, unknown>([['model', call.model]]);
  for (const member of hosting.addressed) members.set(member, undefined);
  if (hosting.bodyVersion !== undefined) members.set('anthropic_version', hosting.bodyVersion);
  const { taken } = hostedBetas(hosting, clientHeaders);
  if (hosting.betasIn === 'body' && taken.length > 0) members.set('anthropic_beta', taken);
  return members;
}
