import { hash } from 'node:crypto';
import { type ClientDialect, InvalidMessage, type TokenUsage } from '#contracts';

/** An answer that is given again, in the form in which its first client had it. Never changed. */
export interface CacheEntry {
  readonly facts: CacheFacts;
  readonly body: Uint8Array;
}

export interface CacheFacts {
  readonly v: 1;
  /** Of the request (`requestHash`): an entry under another one's name is refused. */
  readonly hash: string;
  readonly dialect: ClientDialect;
  readonly isStream: boolean;
  /** A stream that states its usage. */
  readonly hasUsage: boolean;
  /** Of the answer. */
  readonly contentType: string;
  /** Unix milliseconds. */
  readonly storedAt: number;
  readonly expiresAt: number;
  /** The job that made it, whose key that was, and who served it. */
  readonly job: string;
  readonly owner: string;
  readonly deploymentId: string;
  readonly provider: string;
  readonly modelGroup: string;
  /** What making it again would cost, decimal text in US dollars; undefined where no price is known. */
  readonly costUsd?: string | undefined;
  /** As its provider stated it, or as it was counted: a stream need not say. */
  readonly usage?: TokenUsage | undefined;
}

/** A line of JSON and behind it the answer's bytes, with a digest over both. */
export function encodeCacheEntry({ facts, body }: CacheEntry): Uint8Array {
  const line = JSON.stringify(facts);
  return Buffer.concat([Buffer.from(`${digestOf(line, body)} ${line}\n`), body]);
}

const DIGEST_CHARS = 16;
const SPACE = 0x20;

/** Throws `InvalidMessage` for what `encodeCacheEntry` did not write, or what was written for another request. Bytes are a view. */
export function decodeCacheEntry(data: Uint8Array, requestHash: string): CacheEntry {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const lineEnd = bytes.indexOf(0x0a);
  const line = bytes.toString('utf8', DIGEST_CHARS + 1, Math.max(DIGEST_CHARS + 1, lineEnd));
  const body = bytes.subarray(lineEnd + 1);
  const isWhole = lineEnd >= 0 && bytes[DIGEST_CHARS] === SPACE && digestOf(line, body) === bytes.toString('latin1', 0, DIGEST_CHARS);
  if (!isWhole) {
    throw new InvalidMessage('a cached answer is damaged');
  }
  const facts = JSON.parse(line) as CacheFacts;
  if (facts.v !== 1 || facts.hash !== requestHash) throw new InvalidMessage('a cached answer is of another request or version');
  return { facts, body };
}

function digestOf(line: string, body: Uint8Array): string {
  const bodyDigest = hash('sha256', body);
  return hash('sha256', `${line}\n${bodyDigest}`).slice(0, DIGEST_CHARS);
}
