import { lookup } from 'node:dns/promises';
import { request } from 'undici';
import { type AddressRules, checkAddress } from './media/media-address.ts';
import { pinnedAgent } from './media/pinned-agent.ts';

export interface PublicPost {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly timeoutMs: number;
  /** Host names and IP addresses that may be private. */
  readonly allowedHosts: readonly string[];
  /** The system's resolver but in tests. */
  readonly resolve?: AddressRules['resolve'] | undefined;
}

const MAX_ERROR_CHARS = 200;

/**
 * Posts to an address on the public internet, on a connection to the IP address that was checked. Follows no redirect. Resolves when it was
 * answered with 2xx; rejects with an `Error` that says why not, without the address, which may hold a secret.
 */
export async function postPublic({ url, headers, body, timeoutMs, allowedHosts, resolve = resolveBySystem }: PublicPost): Promise<void> {
  const signal = AbortSignal.timeout(timeoutMs);
  const checked = await checkAddress(url, undefined, { allowedHosts: allowedHosts.map((host) => host.toLowerCase()), resolve });
  const agent = pinnedAgent(checked.ip);
  try {
    const answer = await request(checked.url, { method: 'POST', dispatcher: agent, signal, headers, body });
    const text = answer.statusCode < 300 ? '' : await answer.body.text();
    if (answer.statusCode >= 300) throw new Error(`answered ${answer.statusCode} ${text.slice(0, MAX_ERROR_CHARS)}`.trim());
  } catch (error) {
    throw signal.aborted ? new Error(`no answer within ${timeoutMs} ms`, { cause: error }) : error;
  } finally {
    await agent.destroy();
  }
}

async function resolveBySystem(host: string): Promise<readonly string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address);
}
