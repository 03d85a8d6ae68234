import type { IncomingHttpHeaders } from 'node:http';
import { GatewayError } from '#contracts';
import type { GatewayConfig } from '#config';

/** Nobody waits longer than this on one connection, whatever a header says. */
const LONGEST_MS = 2 * 3_600_000;
const RUN_MS = 3_600_000;
/** Well within what its body is kept for. */
export const LONGEST_RUN_MS = 20 * 3_600_000;

type Fields = Readonly<Record<string, unknown>>;

/**
 * Unix ms by which the request must be answered: `x-headrace-deadline-ms` (milliseconds from now), LiteLLM's
 * `x-litellm-timeout` header or `timeout` field (seconds), else the router's `timeout`.
 */
export function requestDeadline(now: number, headers: IncomingHttpHeaders, fields: Fields, config: GatewayConfig): number {
  return now + Math.min(wanted(headers, fields) ?? config.router.timeoutMs, LONGEST_MS);
}

/** The same for a job that nobody waits for on a connection: an hour, or the router's `timeout` where that is longer. */
export function runDeadline(now: number, headers: IncomingHttpHeaders, fields: Fields, config: GatewayConfig): number {
  return now + Math.min(wanted(headers, fields) ?? Math.max(RUN_MS, config.router.timeoutMs), LONGEST_RUN_MS);
}

function wanted(headers: IncomingHttpHeaders, fields: Fields): number | undefined {
  return (
    positive(headers['x-headrace-deadline-ms'], 'x-headrace-deadline-ms', 1) ??
    positive(headers['x-litellm-timeout'], 'x-litellm-timeout', 1_000) ??
    positive(fields['timeout'], 'timeout', 1_000)
  );
}

function positive(value: unknown, name: string, unitMs: number): number | undefined {
  if (value === undefined || value === null) return undefined;
  const number = typeof value === 'string' ? Number(value) : value;
  if (typeof number === 'number' && Number.isFinite(number) && number > 0) return Math.ceil(number * unitMs);
  const unit = unitMs === 1 ? 'milliseconds' : 'seconds';
  throw new GatewayError('invalid_request', `${name} must be a positive number of ${unit}.`, { param: name });
}
