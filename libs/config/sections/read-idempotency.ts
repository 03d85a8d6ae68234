import type { IdempotencySettings } from '../settings/kept-answers.ts';
import { IDEMPOTENCY_KEYS } from '../keys/sections.ts';
import type { Reading } from '../reading.ts';
import type { SourceNode } from '../source/source-node.ts';
import { readBoolean, readNumber } from '../values.ts';
import { readSection } from './read-section.ts';

const HOUR_MS = 3_600_000;
const MEGABYTE = 1024 ** 2;
const GIGABYTE = 1024 ** 3;

/** A day, as other APIs that take the header keep answers. */
export const DEFAULT_IDEMPOTENCY: IdempotencySettings = {
  ttlMs: 24 * HOUR_MS,
  maxAnswerBytes: 5 * MEGABYTE,
  maxBytes: 2 * GIGABYTE,
  cancelOnDisconnect: false,
};

/** Reads `headrace.idempotency`: for how long and in how much space answers to requests with an `Idempotency-Key` are kept. */
export function readIdempotency(node: SourceNode | undefined, reading: Reading): IdempotencySettings {
  if (node === undefined) return DEFAULT_IDEMPOTENCY;
  const fields = readSection([node], IDEMPOTENCY_KEYS, reading);
  // the store remembers for two minutes what it has taken, and keeps nothing for less
  const hours = readNumber(fields.get('ttl_hours'), { min: 0.05, unit: 'hours' }, reading);
  const megabytes = readNumber(fields.get('max_answer_mb'), { min: 0.01, unit: 'megabytes' }, reading);
  const gigabytes = readNumber(fields.get('max_gb'), { min: 0.01, unit: 'gigabytes' }, reading);
  return {
    ttlMs: hours === undefined ? DEFAULT_IDEMPOTENCY.ttlMs : Math.round(hours * HOUR_MS),
    maxAnswerBytes: megabytes === undefined ? DEFAULT_IDEMPOTENCY.maxAnswerBytes : Math.round(megabytes * MEGABYTE),
    maxBytes: gigabytes === undefined ? DEFAULT_IDEMPOTENCY.maxBytes : Math.round(gigabytes * GIGABYTE),
    cancelOnDisconnect: readBoolean(fields.get('cancel_on_disconnect'), reading) ?? DEFAULT_IDEMPOTENCY.cancelOnDisconnect,
  };
}
