import type { IncomingHttpHeaders } from 'node:http';
import type { RouterSettings } from '#config';
import { GatewayError } from '#contracts';
import type { FallbackGroup, RequestRouter } from '#routing';

/** What a request says of its own retries and fallbacks, in LiteLLM's fields (https://docs.litellm.ai/docs/proxy/reliability). */
export interface RequestRouting {
  readonly router: RequestRouter;
  /** The client's own `num_retries`. */
  readonly numRetries: number | undefined;
  /** Names that the client brought in: its key must be allowed to use them. */
  readonly named: readonly string[];
}

/** A client's wish is not a licence to hammer a provider. */
const MOST_RETRIES = 10;
const MOST_FALLBACKS = 10;

type Fields = Readonly<Record<string, unknown>>;

/**
 * The router's settings for one request: `num_retries` (also as the header `x-litellm-num-retries`), `fallbacks` (names, or objects of a
 * `model` and fields that replace the request's), `context_window_fallback_dict`, `disable_fallbacks`, `max_fallbacks`. Throws 400
 * `invalid_request` naming the field. Without any of them these are the settings themselves.
 */
export function requestRouter(router: RouterSettings, headers: IncomingHttpHeaders, fields: Fields): RequestRouting {
  const numRetries =
    readCount(headers['x-litellm-num-retries'], 'x-litellm-num-retries', MOST_RETRIES) ??
    readCount(fields['num_retries'], 'num_retries', MOST_RETRIES);
  const settings = numRetries === undefined ? router : { ...router, numRetries };
  if (fields['disable_fallbacks'] === true) return { router: withoutFallbacks(settings), numRetries, named: [] };
  const maxFallbacks = readCount(fields['max_fallbacks'], 'max_fallbacks', MOST_FALLBACKS);
  const own = readFallbacks(fields['fallbacks']);
  const contextWindowFallbacks = readContextFallbacks(fields['context_window_fallback_dict']);
  if (maxFallbacks === undefined && own === undefined && contextWindowFallbacks === undefined)
    return { router: settings, numRetries, named: [] };
  const named = [...(own ?? []).map(({ group }) => group), ...Object.values(contextWindowFallbacks ?? {}).flat()];
  const changed: RequestRouter = {
    ...settings,
    ownFallbacks: own,
    maxFallbacks: maxFallbacks ?? settings.maxFallbacks,
    contextWindowFallbacks: contextWindowFallbacks ?? settings.contextWindowFallbacks,
  };
  return { router: changed, numRetries, named };
}

function withoutFallbacks(router: RouterSettings): RequestRouter {
  return { ...router, ownFallbacks: [], contextWindowFallbacks: undefined, contentPolicyFallbacks: undefined };
}

function readFallbacks(value: unknown): readonly FallbackGroup[] | undefined {
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value) || value.length > MOST_FALLBACKS) throw wrong('fallbacks', `a list of at most ${MOST_FALLBACKS} models`);
  return value.map((entry: unknown, index): FallbackGroup => {
    if (typeof entry === 'string') return { group: entry };
    const model: unknown = isRecord(entry) ? entry['model'] : undefined;
    if (typeof model !== 'string') throw wrong(`fallbacks[${index}]`, 'a model name, or an object with "model"');
    return { group: model, overrides: index };
  });
}

/** `{model: fallback}`, LiteLLM's way to say it for one request. */
function readContextFallbacks(value: unknown): Readonly<Record<string, readonly string[]>> | undefined {
  if (value === undefined || value === null) return undefined;
  const entries = isRecord(value) ? Object.entries(value) : [];
  if (!isRecord(value) || !entries.every(([, name]) => typeof name === 'string')) {
    throw wrong('context_window_fallback_dict', 'an object of model names');
  }
  return Object.fromEntries(entries.map(([name, fallback]) => [name, [String(fallback)]]));
}

function readCount(value: unknown, name: string, most: number): number | undefined {
  if (value === undefined || value === null) return undefined;
  const count = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof count !== 'number' || !Number.isSafeInteger(count) || count < 0) throw wrong(name, 'a whole number, 0 or more');
  return Math.min(count, most);
}

function wrong(param: string, expected: string): GatewayError {
  return new GatewayError('invalid_request', `${param} must be ${expected}.`, { param });
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
