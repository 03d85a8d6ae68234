import { asGatewayError, NO_USAGE } from '#contracts';
import type { Exchange } from '#dialects';
import type { AttemptOutcome } from './attempt-outcome.ts';
import { failedOutcome } from './listener-input.ts';

/** An answer the gateway makes itself (counted tokens): nothing is sent to the provider and nothing is billed. Never throws. */
export async function answerLocally(
  local: NonNullable<Exchange['local']>,
  { now }: { readonly now: () => number },
): Promise<AttemptOutcome> {
  const startedAt = now();
  try {
    const answer = await local();
    const endedAt = now();
    return {
      status: 'success',
      error: undefined,
      relayed: false,
      usage: answer.usage ?? NO_USAGE,
      unstatedText: undefined,
      finishReason: answer.finishReason,
      answerStatus: 200,
      body: answer.body,
      startedAt,
      firstTokenAt: endedAt,
      endedAt,
      upstreamStatus: undefined,
      upstreamHeaders: {},
    };
  } catch (error) {
    return failedOutcome({ now, startedAt }, asGatewayError(error));
  }
}
