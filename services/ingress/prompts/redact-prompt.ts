export interface RedactOptions {
  /** JSON fields whose values are not kept, in lower case. */
  readonly fields: ReadonlySet<string>;
  readonly maxBytes: number;
}

const GONE = '[redacted]';
/**
 * What looks like a secret, wherever it stands: keys as providers and clouds make them, bearer tokens, private keys. Each pattern has a fixed
 * beginning and no nested repetition, so that a megabyte takes milliseconds.
 */
const SECRETS =
  /\b(?:sk|pk|rk|xox[abeoprs]|gh[opsur]|github_pat|glpat|hf|gsk|nvapi|AKIA|ASIA|AIza)[-_]?[A-Za-z0-9_-]{16,}|\b[Bb]earer\s+[A-Za-z0-9._~+/-]{16,}=*|-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[^-]{0,8192}(?:-----END [A-Z ]{0,30}PRIVATE KEY-----)?/g;
/** Pictures, sound and documents: their size is all that is kept. */
const DATA_URLS = /data:[\w.+-]{1,64}\/[\w.+-]{1,64};base64,[A-Za-z0-9+/=]{64,}/g;
/** The same in fields of their own (`data`, `file_data` …): long, and nothing but base64. */
const BASE64 = /^[A-Za-z0-9+/]{512,}={0,2}$/;

/** Text as it may be kept: without what looks like a secret, and no longer than `maxBytes`. */
export function redactText(text: string, maxBytes: number): string {
  return cut(text.replaceAll(DATA_URLS, sizeOfData).replaceAll(SECRETS, GONE), maxBytes);
}

/** A parsed body as it may be kept, as JSON. */
export function redactBody(body: unknown, { fields, maxBytes }: RedactOptions): string {
  const text = JSON.stringify(body, (name, value: unknown) => {
    if (fields.has(name.toLowerCase())) return GONE;
    return typeof value === 'string' && BASE64.test(value) ? sizeOfData(value) : value;
  });
  return redactText(text ?? '', maxBytes);
}

function sizeOfData(data: string): string {
  return `[${data.length} characters of data]`;
}

/** By bytes, between two characters. */
function cut(text: string, maxBytes: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= maxBytes) return text;
  let end = maxBytes;
  // not within a character: its later bytes begin with 10
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return `${bytes.toString('utf8', 0, end)}… [cut, ${bytes.length} bytes in all]`;
}
