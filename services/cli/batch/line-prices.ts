import { picoOf } from '#budgets';
import { estimateInputTokens, mostInputTokens } from '#routing';
import { type GatewayApi, isRecord } from '../gateway-api.ts';
import type { BatchLine } from './batch-line.ts';

export interface TokenPrice {
  readonly inputPico: bigint;
  readonly outputPico: bigint;
}

export interface LineEstimate {
  readonly inputTokens: number;
  /** The most that the request asks for; undefined where it does not say. */
  readonly outputTokens: number | undefined;
  /** Of the input as it is estimated; undefined where no price is known. */
  readonly inputPico: bigint | undefined;
  /** The most the line can cost: twice the estimated input, and all of the output. Undefined where a price or the limit is not known. */
  readonly mostPico: bigint | undefined;
}

export type PriceOf = (model: string) => TokenPrice | undefined;

/** Prices of the models that the key may use, by the gateway's own word. */
export async function readPrices(api: GatewayApi): Promise<PriceOf> {
  const answer = await api.call('GET', '/v1/models');
  const rows: unknown = isRecord(answer) ? answer['data'] : undefined;
  const prices = new Map<string, TokenPrice>();
  for (const row of Array.isArray(rows) ? rows : []) {
    if (!isRecord(row) || typeof row['id'] !== 'string') continue;
    const { input_cost_per_token: input, output_cost_per_token: output } = row;
    if (typeof input === 'string' && typeof output === 'string')
      prices.set(row['id'], { inputPico: picoOf(input), outputPico: picoOf(output) });
  }
  return (model) => prices.get(model);
}

export function estimateLine({ route, body }: Pick<BatchLine, 'route' | 'body'>, priceOf: PriceOf): LineEstimate {
  const price = priceOf(String(body['model']));
  const inputTokens = estimateInputTokens(body, Buffer.byteLength(JSON.stringify(body)));
  const outputTokens = outputLimit({ route, body });
  const inputPico = price && BigInt(inputTokens) * price.inputPico;
  const mostPico =
    price && outputTokens !== undefined
      ? BigInt(mostInputTokens(inputTokens)) * price.inputPico + BigInt(outputTokens) * price.outputPico
      : undefined;
  return { inputTokens, outputTokens, inputPico, mostPico };
}

const LIMITS = ['max_completion_tokens', 'max_output_tokens', 'max_tokens'];
/** What is answered there is not paid by the token. */
const NO_OUTPUT = /\/(?:embeddings|moderations|rerank)$/;

function outputLimit({ route, body }: Pick<BatchLine, 'route' | 'body'>): number | undefined {
  if (NO_OUTPUT.test(route)) return 0;
  const isCount = (value: unknown): value is number => typeof value === 'number' && Number.isInteger(value) && value >= 0;
  const stated = LIMITS.map((field) => body[field]).find(isCount);
  const { n: answers } = body;
  return stated === undefined ? undefined : stated * (isCount(answers) && answers > 0 ? answers : 1);
}
