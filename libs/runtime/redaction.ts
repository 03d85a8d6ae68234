const SECRET_FIELDS = [
  'authorization',
  'Authorization',
  '["x-api-key"]',
  '["api-key"]',
  '["x-goog-api-key"]',
  '["x-litellm-api-key"]',
  'cookie',
  'apiKey',
  'api_key',
  'masterKey',
  'master_key',
  'password',
  'secret',
  'databaseUrl',
  'natsUrl',
];

/** The one list of what never reaches a log: each field at the top level and up to three objects deep. */
export const REDACTED_PATHS: readonly string[] = SECRET_FIELDS.flatMap((field) => {
  const dotted = field.startsWith('[') ? field : `.${field}`;
  return [field, `*${dotted}`, `*.*${dotted}`, `*.*.*${dotted}`];
});

/** Cuts keys and the passwords of URLs out of free text (error messages, stacks), where a field list can't reach. */
export function scrubSecrets(text: string): string {
  return text
    .replaceAll(/(\w+:\/\/[^\s/:@]+):[^\s/@]+@/g, '$1:[redacted]@')
    .replaceAll(/\b(sk-[\w-]{4})[\w-]{8,}/g, '$1[redacted]')
    .replaceAll(/\b(Bearer\s+)[\w.~+/=-]{8,}/gi, '$1[redacted]');
}
