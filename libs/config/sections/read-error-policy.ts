import type { ErrorKind, ErrorPolicy } from '#contracts';
import type { KeyTable } from '../keys/key-table.ts';
import type { Reading } from '../reading.ts';
import type { SourceNode } from '../source/source-node.ts';
import { readNumber } from '../values.ts';
import { readSection } from './read-section.ts';

/** LiteLLM's names of the kinds: `RateLimitErrorRetries`, `RateLimitErrorAllowedFails`. */
const NAMES: Readonly<Record<ErrorKind, string>> = {
  bad_request: 'BadRequestError',
  authentication: 'AuthenticationError',
  timeout: 'TimeoutError',
  rate_limit: 'RateLimitError',
  content_policy: 'ContentPolicyViolationError',
  internal_server: 'InternalServerError',
  service_unavailable: 'ServiceUnavailableError',
  bad_gateway: 'BadGatewayError',
  not_found: 'NotFoundError',
};

/** `retry_policy` counts `…Retries`, `allowed_fails_policy` `…AllowedFails`. */
export type PolicySuffix = 'Retries' | 'AllowedFails';

/** Undefined for a policy that is not there. */
export function readErrorPolicy(node: SourceNode | undefined, suffix: PolicySuffix, reading: Reading): ErrorPolicy | undefined {
  if (node === undefined || node.kind === 'null') return undefined;
  const names = Object.entries(NAMES).map(([kind, name]) => [kind, `${name}${suffix}`] as const);
  const table: KeyTable = {
    section: suffix === 'Retries' ? 'retry_policy' : 'allowed_fails_policy',
    supported: names.map(([, name]) => name),
    ignored: [],
  };
  const fields = readSection([node], table, reading);
  const unit = suffix === 'Retries' ? 'retries' : 'failures';
  const policy: Partial<Record<string, number>> = {};
  for (const [kind, name] of names) {
    const count = readNumber(fields.get(name), { min: 0, integer: true, unit }, reading);
    if (count !== undefined) policy[kind] = count;
  }
  return policy;
}
