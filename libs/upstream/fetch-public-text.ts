import { lookup } from 'node:dns/promises';
import { request, type Dispatcher } from 'undici';
import { type AddressRules, checkAddress } from './media/media-address.ts';
import { pinnedAgent } from './media/pinned-agent.ts';

export interface PublicTextOptions {
  readonly maxBytes: number;
  /** For all of it, redirects included. */
  readonly timeoutMs: number;
  /** `https:` alone unless given; for tests. */
  readonly protocols?: readonly string[] | undefined;
  readonly rules?: AddressRules | undefined;
}

const MAX_REDIRECTS = 3;

/**
 * Fetches a text from the public internet over https. Every address on the way, redirects included, must be public and https; the
 * connection goes to the IP address that was checked. Rejects with an `Error` that says why.
 */
export async function fetchPublicText(url: string, options: PublicTextOptions): Promise<string> {
  const signal = AbortSignal.timeout(options.timeoutMs);
  let address = url;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
    const answer = await visit(address, signal, options);
    if ('text' in answer) return answer.text;
    address = answer.location;
  }
  throw new Error(`redirects more than ${MAX_REDIRECTS} times`);
}

type Visit = { readonly text: string } | { readonly location: string };

async function visit(address: string, signal: AbortSignal, options: PublicTextOptions): Promise<Visit> {
  const { protocols = ['https:'], rules = PUBLIC_ONLY } = options;
  if (!URL.canParse(address) || !protocols.includes(new URL(address).protocol)) throw new Error('not an https address');
  const { url, ip } = await checkAddress(address, undefined, rules);
  const agent = pinnedAgent(ip);
  try {
    const answer = await request(url, {
      dispatcher: agent,
      signal,
      headers: { accept: 'application/json', 'accept-encoding': 'identity' },
    });
    const location = answer.headers['location'];
    if (answer.statusCode >= 300 && answer.statusCode < 400 && typeof location === 'string')
      return { location: new URL(location, url).href };
    if (answer.statusCode !== 200) throw new Error(`answered ${answer.statusCode}`);
    return { text: await readText(answer, options.maxBytes) };
  } finally {
    await agent.destroy();
  }
}

async function readText({ headers, body }: Dispatcher.ResponseData, maxBytes: number): Promise<string> {
  const tooLarge = (): Error => new Error(`has more than ${maxBytes} bytes`);
  if (Number(headers['content-length'] ?? 0) > maxBytes) throw tooLarge();
  const chunks: Buffer[] = [];
  let left = maxBytes;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    left -= chunk.length;
    if (left < 0) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

const PUBLIC_ONLY: AddressRules = {
  allowedHosts: [],
  resolve: async (host) => (await lookup(host, { all: true })).map(({ address }) => address),
};
