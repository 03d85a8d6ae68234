import type { StreamTimeouts } from '#config';
import type { GatewayError } from '#contracts';
import type { Exchange } from '#dialects';
import type { AnswerGuard } from '#guardrails';
import type { StreamJudge } from '../escalation/judge-stream.ts';
import type { BudgetGuard } from '../budget/budget-guard.ts';
import type { AttemptOutcome, HeadBuilder } from './attempt-outcome.ts';
import type { FrameSender } from './frame-sender.ts';
import type { StreamPolicy } from './stream-recovery/stream-policy.ts';

/** What a listener on a provider's answer works with. It calls `settle` once. */
export interface ListenerInput {
  readonly exchange: Exchange;
  readonly sender: FrameSender;
  readonly buildHead: HeadBuilder;
  readonly now: () => number;
  readonly startedAt: number;
  /** Of a stream; without it a failure is an error event. */
  readonly policy?: StreamPolicy | undefined;
  /** The deployment's; those of the policy's settings when unset. */
  readonly timeouts?: StreamTimeouts | undefined;
  /** Of a stream that may cost no more than is held for it. */
  readonly guard?: BudgetGuard | undefined;
  /** What the answer goes through before it leaves. */
  readonly answerGuard?: AnswerGuard | undefined;
  /** Of a stream that another group takes over where it is not good enough. */
  readonly judge?: StreamJudge | undefined;
  readonly settle: (outcome: AttemptOutcome) => void;
  readonly pause: () => void;
  readonly abort: (reason: GatewayError) => void;
}

/** Nobody waits for the answer any more. */
export function isCancel({ code }: Pick<GatewayError, 'code'>): boolean {
  return code === 'client_gone' || code === 'cancelled';
}

/** A failed attempt's outcome where nothing but the error matters. */
export function failedOutcome(
  input: Pick<ListenerInput, 'now' | 'startedAt'>,
  error: GatewayError,
  known: Partial<AttemptOutcome> = {},
): AttemptOutcome {
  return {
    status: isCancel(error) ? 'cancelled' : 'failure',
    error,
    relayed: false,
    usage: undefined,
    unstatedText: undefined,
    finishReason: undefined,
    answerStatus: undefined,
    body: undefined,
    startedAt: input.startedAt,
    firstTokenAt: undefined,
    endedAt: input.now(),
    upstreamStatus: error.upstreamStatus,
    upstreamHeaders: {},
    ...known,
  };
}
