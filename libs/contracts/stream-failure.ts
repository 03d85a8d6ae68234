/**
 * What is done about a stream that fails after the client has text of it (`docs/streams.md`): an error event ends it, another
 * attempt goes on with it, another attempt begins anew after a reset event, or nothing is shown before the answer is whole.
 */
export const STREAM_FAILURE_POLICIES = ['error', 'continue', 'restart', 'buffer'] as const;
export type StreamFailurePolicy = (typeof STREAM_FAILURE_POLICIES)[number];

export function isStreamFailurePolicy(value: unknown): value is StreamFailurePolicy {
  return STREAM_FAILURE_POLICIES.some((policy) => policy === value);
}
