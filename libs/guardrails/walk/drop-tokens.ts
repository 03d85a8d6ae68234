/** Deeper than this no format has them. */
const MAX_DEPTH = 8;

/** Takes the probabilities of tokens out of an answer or an event of one: they would tell what was masked. */
export function dropTokens(value: unknown, depth = 0): void {
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return;
  const record = value as Record<string, unknown>;
  for (const key of Object.keys(record)) {
    if (key === 'logprobs') record[key] = Array.isArray(record[key]) ? [] : null;
    else if (key === 'logprobsResult') delete record[key];
    else dropTokens(record[key], depth + 1);
  }
}
