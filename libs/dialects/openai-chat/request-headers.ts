const PASSED_HEADERS = ['openai-organization', 'openai-project', 'openai-beta'] as const;

/** Headers of a request in this format, with those of the client's that speak to OpenAI. */
export function requestHeaders(clientHeaders: Readonly<Record<string, string>>): Record<string, string> {
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  for (const name of PASSED_HEADERS) {
    const value = clientHeaders[name];
    if (value !== undefined) headers[name] = value;
  }
  return headers;
}
