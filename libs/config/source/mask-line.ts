/** Names after which the rest of a line may be a secret: `api_key:`, `DATABASE_URL:`, `Authorization:` … */
const SECRET_NAME = /([\w-]*(?:key|token|secret|passw|credential|auth|cookie|url|api_base|dsn|bearer)[\w-]*["']?\s*:\s*).+$/i;

/** What looks like a key wherever it stands: a known prefix, or a long word of mixed letters and digits. */
const SECRET_WORD = /\b(?:(?:sk|pk|rk|gsk|xai|hf|ghp|AKIA|AIza)[-_]?[\w-]{8,}|(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[\w-]{32,})/g;

const URL_CREDENTIALS = /:\/\/[^/\s@]*@/g;

const MAX_EXCERPT = 120;

/** A line of the file as it may be shown: anything that could be a secret is replaced by `…`. */
export function maskLine(line: string): string {
  const masked = line.replace(SECRET_NAME, '$1…').replaceAll(SECRET_WORD, '…').replaceAll(URL_CREDENTIALS, '://…@').trimEnd();
  return masked.length > MAX_EXCERPT ? `${masked.slice(0, MAX_EXCERPT)}…` : masked;
}

/** The same with the whole value gone, for fields that hold secrets and for keys nobody knows. */
export function maskValue(line: string): string {
  const colon = line.indexOf(':');
  return colon === -1 ? '…' : `${maskLine(line.slice(0, colon + 1))} …`;
}
