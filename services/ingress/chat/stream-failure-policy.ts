import type { IncomingHttpHeaders } from 'node:http';
import { type GatewayConfig, modelGroupSettings } from '#config';
import { CHAT_DIALECTS, type ClientDialect, GatewayError, isStreamFailurePolicy, type JobMeta, STREAM_FAILURE_POLICIES } from '#contracts';

export const POLICY_HEADER = 'x-headrace-stream-on-failure';
export const POLICY_FIELD = 'headrace_stream_on_failure';

export interface PolicyInput {
  readonly dialect: ClientDialect;
  readonly stream: boolean;
  readonly headers: IncomingHttpHeaders;
  readonly fields: Readonly<Record<string, unknown>>;
  /** Of the key. */
  readonly keyPolicy: unknown;
  readonly modelGroup: string;
}

/**
 * What is to be done if the stream fails half way: as the request says (header, then field), else its key, its model group, the
 * configuration. Undefined for `error` and for what is no stream of a conversation. Throws `invalid_request`.
 */
export function streamFailurePolicy(input: PolicyInput, config: GatewayConfig): JobMeta['onStreamFailure'] {
  const asked = requested(input.headers[POLICY_HEADER], POLICY_HEADER) ?? requested(input.fields[POLICY_FIELD], POLICY_FIELD);
  if (!input.stream || !CHAT_DIALECTS.some((dialect) => dialect === input.dialect)) return undefined;
  const ofKey = isStreamFailurePolicy(input.keyPolicy) ? input.keyPolicy : undefined;
  const policy = asked ?? ofKey ?? modelGroupSettings(config, input.modelGroup)?.streamOnFailure ?? config.streams?.onFailure ?? 'error';
  return policy === 'error' ? undefined : policy;
}

function requested(value: unknown, name: string) {
  if (value === undefined || value === null) return undefined;
  if (isStreamFailurePolicy(value)) return value;
  throw new GatewayError('invalid_request', `${name} must be one of ${STREAM_FAILURE_POLICIES.join(', ')}.`, { param: name });
}
