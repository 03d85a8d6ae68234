import type { CostBreakdown } from '#contracts';
import type { PricedAttempt } from '#pricing';

const PARTS: readonly (readonly [name: string, part: keyof CostBreakdown, litellm: string | undefined])[] = [
  ['input', 'inputUsd', 'input'],
  ['output', 'outputUsd', 'output'],
  ['cache_read', 'cacheReadUsd', 'cache-read'],
  ['cache_write', 'cacheWriteUsd', 'cache-creation'],
  ['reasoning', 'reasoningUsd', 'reasoning'],
  ['audio', 'audioUsd', undefined],
  ['image', 'imageUsd', undefined],
  ['request', 'requestUsd', 'tool-usage'],
];

/**
 * What an answer cost: `x-headrace-cost` is an RFC 8941 dictionary, `total="0.00001275", input="0.00000165", …, source=config`, its
 * amounts strings because that RFC's decimals end after three places; the total also by itself, and all of it by LiteLLM's names. An
 * unknown price is `source=unknown`, never an amount.
 */
export function costHeaders({ cost, source }: PricedAttempt): Readonly<Record<string, string>> {
  const headers: Record<string, string> = { 'x-headrace-cost': costDictionary({ cost, source }) };
  if (cost === undefined) return headers;
  headers['x-headrace-cost-usd'] = cost.totalUsd;
  headers['x-litellm-response-cost'] = cost.totalUsd;
  for (const [, part, litellm] of PARTS) {
    const amount = cost[part];
    if (litellm !== undefined && amount !== undefined) headers[`x-litellm-response-cost-${litellm}`] = amount;
  }
  return headers;
}

/** The same as a comment of an event stream, which clients skip (https://html.spec.whatwg.org/multipage/server-sent-events.html). */
export function costComment(priced: PricedAttempt): string {
  return `: headrace-cost ${costDictionary(priced)}\n\n`;
}

/** Parts that are 0 are left out; what is there adds up to the total. */
function costDictionary({ cost, source }: PricedAttempt): string {
  if (cost === undefined) return `source=${source}`;
  const members = [`total="${cost.totalUsd}"`];
  for (const [name, part] of PARTS) {
    const amount = cost[part];
    if (amount !== undefined && amount !== '0') members.push(`${name}="${amount}"`);
  }
  return [...members, `source=${source}`].join(', ');
}
