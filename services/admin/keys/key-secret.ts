import { createHash } from 'node:crypto';

const PREFIX = 'sk-';
/** 192 bits. */
const RANDOM_BYTES = 24;
/** A key somebody chose must not be guessable from its unsalted hash; 16 characters is also what LiteLLM's own keys have. */
const MIN_CHARS = 16;
const MAX_CHARS = 256;

/** SHA-256 as hex: what a key is known by everywhere but in the hands of its holder. */
export function sha256Hex(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

export function isKeyHash(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}

/** The hash of a key given as itself or as its hash. */
export function toKeyHash(keyOrHash: string): string {
  return isKeyHash(keyOrHash) ? keyOrHash : sha256Hex(keyOrHash);
}

export function newKeySecret(randomBytes: (count: number) => Uint8Array): string {
  return PREFIX + Buffer.from(randomBytes(RANDOM_BYTES)).toString('base64url');
}

/** What is wrong with a key somebody chose; `undefined` when it will do. */
export function secretProblem(secret: string): string | undefined {
  if (!secret.startsWith(PREFIX)) return `must start with ${PREFIX}`;
  if (secret.length < MIN_CHARS) return `must have at least ${MIN_CHARS} characters`;
  if (secret.length > MAX_CHARS) return `must have at most ${MAX_CHARS} characters`;
  return /^[\x21-\x7e]+$/.test(secret) ? undefined : 'must hold printable ASCII characters only, without spaces';
}

/** `sk-...abcd`: enough to recognise a key by. */
export function maskSecret(secret: string): string {
  return `${PREFIX}...${secret.slice(-4)}`;
}
