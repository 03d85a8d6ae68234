import type { IncomingHttpHeaders } from 'node:http';
import { DEFAULT_HEDGING, type GatewayConfig, type HedgePercentile, modelGroupSettings } from '#config';
import { CHAT_DIALECTS, type ClientDialect, GatewayError, type JobMeta } from '#contracts';

export const HEDGE_HEADER = 'x-headrace-hedge';
export const HEDGE_FIELD = 'headrace_hedge';

/** When a request gets a second attempt. */
export interface HedgePolicy {
  readonly delayMs: number | undefined;
  readonly percentile: HedgePercentile | undefined;
  readonly maxShare: number;
}

export interface HedgePolicyInput {
  readonly dialect: ClientDialect;
  readonly headers: IncomingHttpHeaders;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly modelGroup: string;
  readonly onStreamFailure: JobMeta['onStreamFailure'];
}

/** Answers that may be made twice: nothing is left behind of the one that nobody sees. Pictures, speech and uploads only when asked for. */
const HARMLESS: ReadonlySet<ClientDialect> = new Set<ClientDialect>([
  ...CHAT_DIALECTS,
  'openai-embeddings',
  'openai-moderations',
  'cohere-rerank',
]);

/**
 * As the request says (header, then field), else its model group, else the configuration; undefined for none. A request says `true`, `false` or
 * after how many milliseconds. Throws 400 `invalid_request`. A stream that is buffered has no first token to be late.
 */
export function hedgePolicy(input: HedgePolicyInput, config: Pick<GatewayConfig, 'hedging' | 'modelGroups'>): HedgePolicy | undefined {
  const asked = requested(input.headers[HEDGE_HEADER], HEDGE_HEADER) ?? requested(input.fields[HEDGE_FIELD], HEDGE_FIELD);
  const { hedging } = config;
  const group = modelGroupSettings(config, input.modelGroup);
  if (asked === undefined && hedging === undefined && group === undefined) return undefined;
  if (asked === false || input.onStreamFailure === 'buffer') return undefined;
  const settings = hedging ?? DEFAULT_HEDGING;
  if (asked === undefined && (!(group?.hedge ?? settings.enabled) || !HARMLESS.has(input.dialect))) return undefined;
  const { delayMs, percentile, maxShare } = settings;
  return typeof asked === 'number' ? { delayMs: asked, percentile: undefined, maxShare } : { delayMs, percentile, maxShare };
}

const WORDS: Readonly<Record<string, boolean>> = { true: true, on: true, false: false, off: false };

function requested(value: unknown, name: string): number | boolean | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'boolean') return value;
  const word = typeof value === 'string' && Object.hasOwn(WORDS, value) ? WORDS[value] : undefined;
  if (word !== undefined) return word;
  const ms = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof ms === 'number' && Number.isFinite(ms) && ms > 0) return ms;
  throw new GatewayError('invalid_request', `${name} must be true, false or a number of milliseconds.`, { param: name });
}
