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
const MAX_ANSWER_BYTES = 8 * 1024 * 1024;

/** `askPublic` for those whom the answer does not interest. */
export async function postPublic(post: PublicPost): Promise<void> {
  await askPublic(post);
}

/**
 * Posts to an address on the public internet, on a connection to the IP address that was checked. Follows no redirect. Resolves with the body when it
 * was answered with 2xx; rejects with an `Error` that says why not, without the address, which may hold a secret.
 */
export async function askPublic({ url, headers, body, timeoutMs, allowedHosts, resolve = resolveBySystem }: PublicPost): Promise<string> {
  const signal = AbortSignal.timeout(timeoutMs);
  const checked = await checkAddress(url, undefined, { allowedHosts: allowedHosts.map((host) => host.toLowerCase()), resolve });
  const agent = pinnedAgent(checked.ip);
  try {
    const answer = await request(checked.url, { method: 'POST', dispatcher: agent, signal, headers, body });
    const text = await readText(answer.body);
    if (answer.statusCode >= 300) throw new Error(`answered ${answer.statusCode} ${text.slice(0, MAX_ERROR_CHARS)}`.trim());
    return text;
  } catch (error) {
    throw signal.aborted ? new Error(`no answer within ${timeoutMs} ms`, { cause: error }) : error;
  } finally {
    await agent.destroy();
  }
}

async function readText(body: AsyncIterable<Buffer>): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of body) {
    bytes += part.length;
    if (bytes > MAX_ANSWER_BYTES) throw new Error(`answered with more than ${MAX_ANSWER_BYTES} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
}

async function resolveBySystem(host: string): Promise<readonly string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address);
}
