export interface RedactOptions {
  /** JSON fields whose values are not kept, in lower case. */
  readonly fields: ReadonlySet<string>;
  readonly maxBytes: number;
}

const GONE = '[redacted]';
/**
 * What looks like a secret, wherever it stands: keys as providers and clouds make them, bearer tokens, private keys. Each pattern has a fixed
 * beginning, no nested repetition and an end, so that a megabyte takes milliseconds and none the expression's stack.
 */
const SECRETS =
  /\b(?:sk|pk|rk|xox[abeoprs]|gh[opsur]|github_pat|glpat|hf|gsk|nvapi|AKIA|ASIA|AIza)[-_]?[A-Za-z0-9_-]{16,8192}|\b[Bb]earer\s+[A-Za-z0-9._~+/-]{16,8192}={0,2}|-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[^-]{0,8192}(?:-----END [A-Z ]{0,30}PRIVATE KEY-----)?/g;
/** Looked at behind what is kept: a secret that begins before it is found as a whole. */
const LOOKED_BEYOND = 16_384;
/** What the beginning of a secret may have that is too short to be one. */
const UNSURE = 64;
/** Pictures, sound and documents: their size is all that is kept. */
const DATA_URL = /data:[\w.+-]{1,64}\/[\w.+-]{1,64};base64,/g;
const LEAST_URL_DATA = 64;
/** The same in fields of their own (`data`, `file_data` …): long, and nothing but base64. */
const LEAST_FIELD_DATA = 512;
const NO_BASE64 = /[^A-Za-z0-9+/]/;

/** Text as it may be kept: without what looks like a secret, and no longer than `maxBytes`. */
export function redactText(text: string, maxBytes: number): string {
  const plain = withoutData(text);
  if (plain.length <= maxBytes + LOOKED_BEYOND) return cut(plain.replaceAll(SECRETS, GONE), maxBytes);
  // only what may be kept is worth a look: of 5 MB all of it took 40 ms, in which a process does nothing else
  const begun = plain.slice(0, maxBytes + LOOKED_BEYOND).replaceAll(SECRETS, GONE);
  return cut(begun.slice(0, -UNSURE), maxBytes, Buffer.byteLength(plain));
}

/** A parsed body as it may be kept, as JSON. */
export function redactBody(body: unknown, { fields, maxBytes }: RedactOptions): string {
  const text = JSON.stringify(body, (name, value: unknown) => {
    if (fields.has(name.toLowerCase())) return GONE;
    return typeof value === 'string' && value.length >= LEAST_FIELD_DATA ? withoutFieldData(value) : value;
  });
  return redactText(text ?? '', maxBytes);
}

/** Before it is written as JSON: 20 MB of a picture take 50 ms there. */
function withoutFieldData(value: string): string {
  return endOfBase64(value, 0) === value.length ? sizeOfData(value.length) : withoutData(value);
}

/** By a search for what ends it: an expression that takes 20 MB of base64 at once has no stack left. */
function withoutData(text: string): string {
  let kept = '';
  let keptTo = 0;
  for (const { 0: head, index } of text.matchAll(DATA_URL)) {
    const from = index + head.length;
    const end = endOfBase64(text, from);
    if (index < keptTo || end - from < LEAST_URL_DATA) continue;
    kept += text.slice(keptTo, index) + sizeOfData(end - index);
    keptTo = end;
  }
  return keptTo === 0 ? text : kept + text.slice(keptTo);
}

/** Where the base64 that begins at `from` ends, with at most two signs that fill it up. */
function endOfBase64(text: string, from: number): number {
  const found = text.slice(from).search(NO_BASE64);
  const at = found === -1 ? text.length : from + found;
  if (text[at] !== '=') return at;
  return text[at + 1] === '=' ? at + 2 : at + 1;
}

function sizeOfData(characters: number): string {
  return `[${characters} characters of data]`;
}

/** By bytes, between two characters. `allBytes` is said where the text was cut before. */
function cut(text: string, maxBytes: number, allBytes?: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= maxBytes && allBytes === undefined) return text;
  let end = Math.min(maxBytes, bytes.length);
  // not within a character: its later bytes begin with 10
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return `${bytes.toString('utf8', 0, end)}… [cut, ${allBytes ?? bytes.length} bytes in all]`;
}
