import type { FollowUp } from '../exchange.ts';
import { parseRecord, stringAt, textOf } from '../json/record.ts';

/** Far below the 3,000 readings a minute that the API allows (https://replicate.com/docs/topics/predictions/rate-limits). */
const POLL_AFTER_MS = 500;
const RUNNING: ReadonlySet<unknown> = new Set(['starting', 'processing']);
const ID = /^\w+$/;

/**
 * The request that reads a prediction which still runs, by its id: the address in its `urls` is not followed, so that an answer can't
 * lead the provider's key anywhere.
 */
export function followUp(answer: Uint8Array): FollowUp | undefined {
  const prediction = parseRecord(textOf(answer));
  const id = prediction === undefined ? undefined : stringAt(prediction, 'id');
  if (id === undefined || !ID.test(id) || !RUNNING.has(prediction?.['status'])) return undefined;
  return { path: `/predictions/${id}`, delayMs: POLL_AFTER_MS };
}
