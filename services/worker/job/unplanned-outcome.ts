import { type GatewayError, GatewayError as GatewayErrorClass, NO_USAGE } from '#contracts';
import { failedOutcome } from '../attempt/listener-input.ts';
import type { WorkerResources } from '../resources.ts';
import type { MeteredOutcome } from './attempt-record.ts';

const NOTHING = { inputUsd: '0', cacheReadUsd: '0', cacheWriteUsd: '0', outputUsd: '0', totalUsd: '0' } as const;

/** The outcome of an attempt that failed before it called anybody: it cost nothing. */
export function unplannedOutcome(
  failed: { readonly ok: boolean; readonly error?: GatewayError },
  resources: Pick<WorkerResources, 'now'>,
): MeteredOutcome {
  const error = failed.error ?? new GatewayErrorClass('internal_error', 'The gateway failed to plan this request.');
  const outcome = failedOutcome({ now: resources.now, startedAt: resources.now() }, error);
  return { outcome, usage: NO_USAGE, priced: { cost: NOTHING, source: 'config' } };
}
