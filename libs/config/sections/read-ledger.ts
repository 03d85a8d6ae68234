import type { LedgerSettings } from '../settings/ledger-settings.ts';
import { LEDGER_KEYS } from '../keys/sections.ts';
import type { Reading } from '../reading.ts';
import type { SourceNode } from '../source/source-node.ts';
import { readText, wrongKind } from '../values.ts';
import { type Fields, readSection } from './read-section.ts';

const DAY_MS = 86_400_000;
const UNITS_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: DAY_MS, w: 7 * DAY_MS, mo: 31 * DAY_MS, y: 366 * DAY_MS } as const;
/** Events can be delivered again for seven days: a row that has gone by then would be booked twice. */
const LEAST_MS = 8 * DAY_MS;

/** `headrace.ledger.retention`, else LiteLLM's `general_settings.maximum_spend_logs_retention_period`. */
export function readLedger(node: SourceNode | undefined, generalFields: Fields, reading: Reading): LedgerSettings {
  const own = node === undefined ? undefined : readSection([node], LEDGER_KEYS, reading).get('retention');
  const retention = own ?? generalFields.get('maximum_spend_logs_retention_period');
  return { retentionMs: readRetention(retention, { leastMs: LEAST_MS, least: '8 days' }, reading) };
}

export interface RetentionRange {
  readonly leastMs: number;
  /** The same in words. */
  readonly least: string;
}

/** A length of time in milliseconds: a number with one of LiteLLM's units. */
export function readRetention(node: SourceNode | undefined, { leastMs, least }: RetentionRange, reading: Reading): number | undefined {
  const text = readText(node, reading);
  if (node === undefined || text === undefined) return undefined;
  const match = /^(\d{1,6})(s|m|h|d|w|mo|y)$/.exec(text.trim());
  const ms = match === null ? 0 : Number(match[1]) * unitMs(match[2]);
  if (ms >= leastMs) return ms;
  wrongKind(node, `a length of time of ${least} or more, such as 90d or 12mo`, reading);
  return undefined;
}

function unitMs(unit: string | undefined): number {
  const found = Object.entries(UNITS_MS).find(([name]) => name === unit);
  return found?.[1] ?? 0;
}
