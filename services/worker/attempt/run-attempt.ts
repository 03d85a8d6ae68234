import { DEFAULT_STREAMS, streamTimeoutsOf } from '#config';
import type { GatewayError, JobMeta } from '#contracts';
import type { UpstreamCall, UpstreamListener } from '#upstream';
import type { StreamJudge } from '../escalation/judge-stream.ts';
import { gateListener, guardBeside } from '../guard/guard-beside.ts';
import { openGuard } from '../budget/open-guard.ts';
import type { WorkerResources } from '../resources.ts';
import { answerLocally } from './answer-locally.ts';
import { createAnswerListener } from './answer-listener.ts';
import type { AttemptOutcome, HeadBuilder } from './attempt-outcome.ts';
import type { AttemptPlan } from './attempt-plan.ts';
import type { FrameSender } from './frame-sender.ts';
import { callUntilFinal } from './call-until-final.ts';
import type { ListenerInput } from './listener-input.ts';
import type { StreamPolicy } from './stream-recovery/stream-policy.ts';
import { createStreamListener } from './stream-listener.ts';

export interface AttemptRun {
  readonly meta: JobMeta;
  readonly plan: AttemptPlan;
  /** The client's, for guardrails that look at it beside the call. */
  readonly body: Uint8Array;
  readonly sender: FrameSender;
  readonly buildHead: HeadBuilder;
  /** Given the call as soon as it exists, so that a cancel or a full window reaches it. */
  readonly onCall: (call: UpstreamCall | undefined) => void;
  /** Looks at a stream before it leaves. */
  readonly judge?: StreamJudge | undefined;
  /** Why the job was cancelled already, if it was. */
  readonly cancelled: () => GatewayError | undefined;
}

/** Runs one call to the provider to its end. Never throws: every way it can end is an outcome. */
export function runAttempt(run: AttemptRun, resources: WorkerResources): Promise<AttemptOutcome> {
  const { local } = run.plan.exchange;
  return local === undefined ? callProvider(run, resources) : answerLocally(local, resources);
}

function callProvider(run: AttemptRun, resources: WorkerResources): Promise<AttemptOutcome> {
  return new Promise((resolve) => {
    const startedAt = resources.now();
    let settled = false;
    const settle = (outcome: AttemptOutcome): void => {
      settled = true;
      run.onCall(undefined);
      resolve(billed(outcome));
    };
    const listen = run.meta.stream ? createStreamListener : createAnswerListener;
    const listener = listen({
      exchange: run.plan.exchange,
      sender: run.sender,
      buildHead: run.buildHead,
      now: resources.now,
      startedAt,
      ...streamRules(run, resources),
      judge: run.judge,
      settle,
      pause: () => call.pause(),
      abort: (reason) => call.abort(reason),
      guard: openGuard(run.meta, run.plan, resources),
      answerGuard: run.plan.guard?.answer,
    });
    const call = callUntilFinal(
      run.plan,
      { upstream: resources.upstream, isStream: run.meta.stream },
      gated(listener, run, resources, (error) => {
        listener.error(error);
        call.abort(error);
      }),
    );
    if (!settled) run.onCall(call);
    const cancelled = run.cancelled();
    if (cancelled) call.abort(cancelled);
  });
}

/** Guardrails beside the call are asked as soon as it has begun. */
function gated(
  listener: UpstreamListener,
  { plan, meta, body }: AttemptRun,
  resources: WorkerResources,
  refuse: (error: GatewayError) => void,
): UpstreamListener {
  const { guard } = plan;
  if (guard === undefined || guard.beside.length === 0) return listener;
  return gateListener(listener, guardBeside(guard, meta, body, resources), refuse);
}

/** A provider whose call was ended for a guardrail has its input paid, whatever it had said by then. */
function billed(outcome: AttemptOutcome): AttemptOutcome {
  const isUnstated = outcome.usage === undefined && outcome.unstatedText === undefined;
  return outcome.error?.code === 'guardrail_blocked' && isUnstated ? { ...outcome, unstatedText: '' } : outcome;
}

/** An answer that is stored in one piece is nobody's before it is whole: all of its attempts may fail unseen. */
function policyOf({ run, onStreamFailure }: JobMeta): StreamPolicy['onFailure'] {
  return run !== undefined && run.live !== true ? 'buffer' : (onStreamFailure ?? 'error');
}

/** Only for streams: an answer in one piece has nothing of it shown before it is whole. */
function streamRules({ meta, plan }: AttemptRun, { config }: WorkerResources): Pick<ListenerInput, 'policy' | 'timeouts'> {
  if (!meta.stream) return {};
  const settings = config.streams ?? DEFAULT_STREAMS;
  return {
    policy: { onFailure: plan.guard?.answer?.needsWhole === true ? 'buffer' : policyOf(meta), sent: plan.sent, settings },
    timeouts: streamTimeoutsOf(plan.deployment, settings),
  };
}
