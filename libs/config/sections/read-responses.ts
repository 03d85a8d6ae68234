import type { ResponsesSettings } from '../settings/kept-answers.ts';
import { RESPONSES_KEYS } from '../keys/sections.ts';
import type { Reading } from '../reading.ts';
import type { SourceNode } from '../source/source-node.ts';
import { readNumber } from '../values.ts';
import { readSection } from './read-section.ts';

const DAY_MS = 86_400_000;
const GIGABYTE = 1024 ** 3;

/** OpenAI keeps responses for 30 days. */
export const DEFAULT_RESPONSES: ResponsesSettings = { ttlMs: 30 * DAY_MS, maxBytes: 2 * GIGABYTE };

/** Reads `headrace.responses`: for how long and in how much space answers of `/v1/responses` are kept. */
export function readResponses(node: SourceNode | undefined, reading: Reading): ResponsesSettings {
  if (node === undefined) return DEFAULT_RESPONSES;
  const fields = readSection([node], RESPONSES_KEYS, reading);
  // the store remembers for two minutes what it has taken, and keeps nothing for less
  const days = readNumber(fields.get('ttl_days'), { min: 0.01, unit: 'days' }, reading);
  const gigabytes = readNumber(fields.get('max_gb'), { min: 0.01, unit: 'gigabytes' }, reading);
  return {
    ttlMs: days === undefined ? DEFAULT_RESPONSES.ttlMs : Math.round(days * DAY_MS),
    maxBytes: gigabytes === undefined ? DEFAULT_RESPONSES.maxBytes : Math.round(gigabytes * GIGABYTE),
  };
}
