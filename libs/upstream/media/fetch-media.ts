import { lookup } from 'node:dns/promises';
import { request, type Dispatcher } from 'undici';
import { GatewayError } from '#contracts';
import { type AddressRules, type CheckedAddress, checkAddress, refused } from './media-address.ts';
import { mediaTypeOf } from './media-type.ts';
import { pinnedAgent } from './pinned-agent.ts';

export interface MediaAddress {
  readonly url: string;
  /** Its place in the client's request, for errors. */
  readonly param: string | undefined;
}

export interface MediaFile {
  readonly mediaType: string;
  /** Base64. */
  readonly data: string;
}

export interface MediaLimits {
  /** For all files of a request together. */
  readonly maxBytes: number;
  /** For a file, redirects included. */
  readonly timeoutMs: number;
  readonly allowedHosts: readonly string[];
}

/** Fetches what a client named by address for a provider that takes bytes. Rejects with `invalid_request`, naming the field. */
export type MediaFetcher = (files: readonly MediaAddress[]) => Promise<ReadonlyMap<string, MediaFile>>;

const MAX_REDIRECTS = 3;
const MAX_FILES = 50;

/** `resolve` is the system's resolver but in tests. */
export function createMediaFetcher(limits: MediaLimits, resolve: AddressRules['resolve'] = resolveBySystem): MediaFetcher {
  const rules: AddressRules = { allowedHosts: limits.allowedHosts.map((host) => host.toLowerCase()), resolve };
  return async (files) => {
    if (files.length > MAX_FILES) throw refused(`is one of ${files.length}, and at most ${MAX_FILES} are fetched`, files[MAX_FILES]?.param);
    const budget = { left: limits.maxBytes, total: limits.maxBytes };
    const stop = new AbortController();
    const fetchOne = async ({ url, param }: MediaAddress): Promise<[string, MediaFile]> => {
      const signal = AbortSignal.any([stop.signal, AbortSignal.timeout(limits.timeoutMs)]);
      return [url, await fetchFile({ url, param, signal, rules, budget })];
    };
    try {
      return new Map(await Promise.all(files.map(fetchOne)));
    } finally {
      // after one failure the others' bytes are of no use
      stop.abort();
    }
  };
}

interface FileCall {
  readonly url: string;
  readonly param: string | undefined;
  readonly signal: AbortSignal;
  readonly rules: AddressRules;
  readonly budget: Budget;
}

interface Budget {
  left: number;
  readonly total: number;
}

async function fetchFile(call: FileCall): Promise<MediaFile> {
  const { param, signal } = call;
  try {
    let address = call.url;
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
      const answer = await visit(await abortable(checkAddress(address, param, call.rules), signal), call);
      if ('file' in answer) return answer.file;
      address = answer.location;
    }
    throw refused(`could not be fetched: it redirects more than ${MAX_REDIRECTS} times`, param);
  } catch (error) {
    if (error instanceof GatewayError) throw error;
    const why = signal.aborted ? 'took too long to fetch' : 'could not be fetched: its host could not be reached';
    throw refused(why, param, error);
  }
}

/** The system's resolver knows no signal. */
function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('aborted', { cause: signal.reason })), { once: true });
  });
  return Promise.race([promise, aborted]);
}

type Visit = { readonly file: MediaFile } | { readonly location: string };

/** One request on a connection of its own, to the IP address that was checked. */
async function visit(checked: CheckedAddress, call: FileCall): Promise<Visit> {
  const agent = pinnedAgent(checked.ip);
  try {
    const answer = await request(checked.url, {
      dispatcher: agent,
      signal: call.signal,
      headers: { accept: 'image/*,application/pdf,audio/*', 'accept-encoding': 'identity' },
    });
    const location = answer.headers['location'];
    if (answer.statusCode >= 300 && answer.statusCode < 400 && typeof location === 'string') {
      return { location: new URL(location, checked.url).href };
    }
    return { file: await readFile(answer, call) };
  } finally {
    await agent.destroy();
  }
}

async function readFile(answer: Dispatcher.ResponseData, { param, budget }: FileCall): Promise<MediaFile> {
  if (answer.statusCode !== 200) throw refused(`could not be fetched: its host answered ${answer.statusCode}`, param);
  const tooLarge = (): GatewayError =>
    refused(`is too large: files that are fetched for a request may have ${Math.floor(budget.total / 1024 / 1024)} MB together`, param);
  if (Number(answer.headers['content-length'] ?? 0) > budget.left) throw tooLarge();
  const chunks: Buffer[] = [];
  for await (const chunk of answer.body as AsyncIterable<Buffer>) {
    budget.left -= chunk.length;
    if (budget.left < 0) throw tooLarge();
    chunks.push(chunk);
  }
  const bytes = Buffer.concat(chunks);
  const stated = answer.headers['content-type'];
  const mediaType = mediaTypeOf(typeof stated === 'string' ? stated : undefined, bytes);
  if (mediaType === undefined) throw refused('is no picture, PDF or recording', param);
  return { mediaType, data: bytes.toString('base64') };
}

async function resolveBySystem(host: string): Promise<readonly string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address);
}
