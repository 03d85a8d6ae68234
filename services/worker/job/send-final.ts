import type { GatewayConfig } from '#config';
import { FRAME, type FinalMeta, toErrorRecord } from '#contracts';
import type { AttemptPlan } from '../attempt/attempt-plan.ts';
import { costComment } from '../attempt/cost-headers.ts';
import { resultHead } from '../attempt/result-headers.ts';
import type { MeteredOutcome } from './attempt-record.ts';
import type { RunningJob } from './running-job.ts';

/** An answer above this travels in several frames: NATS refuses messages above its `max_payload` (1 MB by default). */
const FRAME_BODY_BYTES = 256 * 1024;

/**
 * The last frame: the rest of the answer, or the error for the ingress to word (only it knows whether the client has
 * been sent a head already).
 */
export function sendFinal(
  job: RunningJob,
  metered: MeteredOutcome,
  plan: AttemptPlan | undefined,
  config: Pick<GatewayConfig, 'prices' | 'cache'>,
): void {
  const meta = finalMeta(job, metered, plan, config);
  const body = config.prices?.costInStreams === true && plan && endsAStream(job, metered, plan) ? withCost(metered) : metered.outcome.body;
  if (!body || body.length <= FRAME_BODY_BYTES) return job.sender.send({ kind: FRAME.final, meta, body });
  if (meta.head) job.sender.send({ kind: FRAME.head, meta: meta.head });
  let at = 0;
  for (; at + FRAME_BODY_BYTES < body.length; at += FRAME_BODY_BYTES) {
    job.sender.send({ kind: FRAME.data, body: body.subarray(at, at + FRAME_BODY_BYTES) });
  }
  job.sender.send({ kind: FRAME.final, meta: { ...meta, head: undefined }, body: body.subarray(at) });
}

/** Only event streams have comments; speech, pictures and whole answers have none. */
function endsAStream({ meta }: RunningJob, { outcome }: MeteredOutcome, { exchange }: AttemptPlan): boolean {
  return meta.stream && outcome.status === 'success' && exchange.relaysContentType !== true && exchange.local === undefined;
}

function withCost({ outcome, priced }: MeteredOutcome): Uint8Array {
  const comment = Buffer.from(costComment(priced));
  return outcome.body === undefined ? comment : Buffer.concat([outcome.body, comment]);
}

function finalMeta(
  job: RunningJob,
  metered: MeteredOutcome,
  plan: AttemptPlan | undefined,
  { cache }: Pick<GatewayConfig, 'cache'>,
): FinalMeta {
  const { outcome, priced } = metered;
  const upstreamMs = outcome.endedAt - outcome.startedAt;
  const status = outcome.error ? outcome.error.status : outcome.answerStatus;
  const head =
    plan && status !== undefined
      ? resultHead(
          status,
          { meta: job.meta, plan, queueMs: Math.max(0, outcome.startedAt - job.meta.acceptedAt), upstreamMs, priced },
          outcome.upstreamHeaders,
        )
      : undefined;
  // whoever keeps an answer tells later what it saves
  const isKept = job.meta.run !== undefined || cache !== undefined;
  const billed = isKept ? { usage: metered.usage, cost: priced.cost } : {};
  return { head, error: outcome.error && toErrorRecord(outcome.error), upstreamMs, ...billed };
}
