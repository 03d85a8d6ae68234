import type { GatewayConfig } from '../gateway-config.ts';
import { closestKey } from '../keys/closest-key.ts';
import { HEDGING_KEYS } from '../keys/sections.ts';
import type { Reading } from '../reading.ts';
import type { SourceNode } from '../source/source-node.ts';
import { readBoolean, readNumber, readText } from '../values.ts';
import { readSection } from './read-section.ts';

export const HEDGE_PERCENTILES = ['p50', 'p90', 'p95', 'p99'] as const;
/** Of what workers have measured of a deployment. */
export type HedgePercentile = (typeof HEDGE_PERCENTILES)[number];

/** `headrace.hedging`: second attempts beside first ones that are late. */
export interface HedgingSettings {
  /** For model groups that say nothing of it (`headrace.model_groups.<name>.hedge`). */
  readonly enabled: boolean;
  /** How long the first token may take; undefined: as `percentile` says alone. */
  readonly delayMs: number | undefined;
  /** So many of the deployment's answers come earlier; undefined: as `delayMs` says alone. Both: `delayMs` until enough is measured. */
  readonly percentile: HedgePercentile | undefined;
  /** Of the requests that may be hedged, those that are. */
  readonly maxShare: number;
}

export const DEFAULT_HEDGING: HedgingSettings = { enabled: false, delayMs: undefined, percentile: 'p95', maxShare: 0.05 };

/** Undefined without the section. */
export function readHedging(node: SourceNode | undefined, reading: Reading): HedgingSettings | undefined {
  if (node === undefined) return undefined;
  const fields = readSection([node], HEDGING_KEYS, reading);
  const delayMs = readNumber(fields.get('delay_ms'), { min: 1, unit: 'milliseconds' }, reading);
  const share = readNumber(fields.get('max_share'), { min: 0, unit: 'shares of the requests' }, reading);
  return {
    enabled: readBoolean(fields.get('enabled'), reading) ?? DEFAULT_HEDGING.enabled,
    delayMs,
    percentile: readPercentile(fields.get('percentile'), reading) ?? (delayMs === undefined ? DEFAULT_HEDGING.percentile : undefined),
    maxShare: Math.min(1, share ?? DEFAULT_HEDGING.maxShare),
  };
}

/** Whether anything of the configuration asks for hedges: then workers measure what their delays depend on. */
export function isHedgingConfigured({ hedging, modelGroups }: Pick<GatewayConfig, 'hedging' | 'modelGroups'>): boolean {
  return hedging !== undefined || Object.values(modelGroups).some(({ hedge }) => hedge === true);
}

function readPercentile(node: SourceNode | undefined, reading: Reading): HedgePercentile | undefined {
  const text = readText(node, reading);
  if (node === undefined || text === undefined) return undefined;
  const found = HEDGE_PERCENTILES.find((percentile) => percentile === text);
  if (found !== undefined) return found;
  const near = closestKey(text, HEDGE_PERCENTILES);
  reading.problem(node, `there is no percentile called "${text}" here`, {
    suggestion: near === undefined ? `choose one of ${HEDGE_PERCENTILES.join(', ')}` : `did you mean "${near}"?`,
  });
  return undefined;
}
