import type { ClientDialect } from '#contracts';
import { requestIdHeader } from '#dialects';

/** The job's id in the headers where clients of the gateway, of LiteLLM and of the format look for it. */
export function idHeaders(dialect: ClientDialect, id: string): Record<string, string> {
  const headers: Record<string, string> = { 'x-headrace-job-id': id, 'x-litellm-call-id': id, 'x-request-id': id };
  const own = requestIdHeader(dialect);
  if (own !== undefined) headers[own] = id;
  return headers;
}
