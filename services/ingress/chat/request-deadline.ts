import type { IncomingHttpHeaders } from 'node:http';
import { GatewayError } from '#contracts';
import type { GatewayConfig } from '#config';

/** Nobody waits longer than this on one connection, whatever a header says. */
const LONGEST_MS = 2 * 3_600_000;

/**
 * Unix ms by which the request must be answered: `x-headrace-deadline-ms` (milliseconds from now), LiteLLM's
 * `x-litellm-timeout` header or `timeout` field (seconds), else the router's `timeout`.
 */
export function requestDeadline(
  now: number,
  headers: IncomingHttpHeaders,
  fields: Readonly<Record<string, unknown>>,
  config: GatewayConfig,
): number {
  const ms =
    positive(headers['x-headrace-deadline-ms'], 'x-headrace-deadline-ms', 1) ??
    positive(headers['x-litellm-timeout'], 'x-litellm-timeout', 1_000) ??
    positive(fields['timeout'], 'timeout', 1_000) ??
    config.router.timeoutMs;
  return now + Math.min(ms, LONGEST_MS);
}

function positive(value: unknown, name: string, unitMs: number): number | undefined {
  if (value === undefined || value === null) return undefined;
  const number = typeof value === 'string' ? Number(value) : value;
  if (typeof number === 'number' && Number.isFinite(number) && number > 0) return Math.ceil(number * unitMs);
  const unit = unitMs === 1 ? 'milliseconds' : 'seconds';
  throw new GatewayError('invalid_request', `${name} must be a positive number of ${unit}.`, { param: name });
}
