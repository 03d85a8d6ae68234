import { GatewayError, type Refusal, refusalError, type TokenUsage, type TopUp, type TopUpReply } from '#contracts';
import type { StreamDecoder } from '#dialects';
import { createProducedTokens } from './produced-tokens.ts';
import type { TokenPrice } from './token-price.ts';

/**
 * Keeps a stream within what is held for it.
 *
 * within ──half of it used──▶ asking, and going on meanwhile ──more is held──▶ within
 *                                │ all but a little of it used
 *                                ▼
 *                             stopped: `budget_exceeded`
 *
 * It is not kept waiting for an answer: a provider that is not read goes on producing, into buffers, and bills it.
 */
export interface BudgetGuard {
  /** To be told of every piece of the stream. The error it is to be stopped with, once it has used up what it may. */
  check(chunk: Uint8Array, decoder: Produced): GatewayError | undefined;
  /** The stream is over. */
  close(): void;
}

type Produced = Pick<StreamDecoder, 'producedText' | 'usage'>;

export interface BudgetGuardOptions {
  readonly job: string;
  /** Decimal text in US dollars. */
  readonly heldUsd: string;
  /** By what the provider has stated of the input so far. Undefined where the price is not known: nothing is guarded then. */
  readonly priceOf: (stated: TokenUsage | undefined) => TokenPrice | undefined;
  /** Undefined when nobody answered. */
  readonly topUp: (ask: TopUp) => Promise<TopUpReply | undefined>;
  readonly now: () => number;
}

/** Early enough for the answer of a new leader of admission, which takes three seconds, in all but short streams. */
const ASK_AT = 0.5;
/** What is on its way when a stream is stopped is billed too. */
const STOP_AT = 0.95;
const LEAST_MORE_TOKENS = 256;
const ASK_AGAIN_MS = 500;

export function createBudgetGuard(options: BudgetGuardOptions): BudgetGuard {
  const { job, now } = options;
  const produced = createProducedTokens();
  let heldUsd = Number(options.heldUsd);
  let usedUsd = 0;
  let price = options.priceOf(undefined);
  let stated: TokenUsage | undefined;
  let refusal: Refusal | undefined;
  let isFinal = false;
  let asking = false;
  let askedAt = 0;
  let closed = false;

  const meter = ({ producedText, usage }: Produced): void => {
    if (usage !== undefined && usage.inputTokens > 0 && usage.inputTokens !== stated?.inputTokens) price = options.priceOf(usage) ?? price;
    if (usage !== undefined && usage.outputTokens !== stated?.outputTokens) produced.restart(producedText);
    stated = usage;
    if (price === undefined) return;
    const known = stated?.outputTokens ?? 0;
    const mattersAt = (heldUsd * ASK_AT - price.inputUsd) / price.perOutputTokenUsd - known;
    usedUsd = price.inputUsd + (known + produced.count(producedText, mattersAt)) * price.perOutputTokenUsd;
  };

  /** Twice of what it has come to, so that a long answer asks a few times only. */
  const ask = async (perTokenUsd: number): Promise<void> => {
    if (asking || isFinal || now() - askedAt < ASK_AGAIN_MS) return;
    asking = true;
    const neededUsd = usedUsd + Math.max(usedUsd, LEAST_MORE_TOKENS * perTokenUsd);
    const reply = await options.topUp({ job, neededUsd: neededUsd.toFixed(12) });
    asking = false;
    if (closed) return;
    const more = Number(reply?.heldUsd ?? 0) > heldUsd;
    if (more) heldUsd = Number(reply?.heldUsd);
    else askedAt = now();
    refusal = reply?.refusal ?? refusal;
    // what others hold may be free again in a moment
    isFinal = reply?.refusal !== undefined && reply.busy !== true;
  };

  return {
    check(chunk, decoder) {
      produced.saw(chunk);
      meter(decoder);
      if (price === undefined || usedUsd < heldUsd * ASK_AT) return undefined;
      if (usedUsd >= heldUsd * STOP_AT) return stopped(refusal, now());
      void ask(price.perOutputTokenUsd);
      return undefined;
    },
    close() {
      closed = true;
    },
  };
}

function stopped(refusal: Refusal | undefined, now: number): GatewayError {
  const why = refusal === undefined ? 'It has used up what was reserved for it.' : refusalError(refusal, { now }).message;
  return new GatewayError('budget_exceeded', `The stream was stopped. ${why}`);
}
