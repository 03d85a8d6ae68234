/** Provider keys as they appear in refusals, also half masked (`sk-proj-ab***yz`), and bearer tokens. */
const SECRET = /\b(?:sk|pk|gsk|xai|pplx|nvapi|csk|fw|hf|r8|tgp|api[-_ ]?key)[-_][\w*.…-]{4,}|\bAIza[\w-]{10,}|\bBearer\s+\S+/gi;

/** Provider texts are shown to clients and written to logs: a provider key must be in neither. */
export function redactSecrets(text: string): string {
  return text.replace(SECRET, '[redacted]');
}
