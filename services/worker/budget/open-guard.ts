import { requestCore } from '#bus';
import { type JobMeta, TOP_UP_SUBJECT, type TopUp, type TopUpReply } from '#contracts';
import { createRequestFacts } from '#routing';
import type { AttemptPlan } from '../attempt/attempt-plan.ts';
import type { WorkerResources } from '../resources.ts';
import { type BudgetGuard, createBudgetGuard } from './budget-guard.ts';
import { tokenPrice } from './token-price.ts';

const TOP_UP_TIMEOUT_MS = 1_000;

/** The guard of a stream that something is held for; undefined for all others, which pay nothing for it. */
export function openGuard(meta: JobMeta, plan: AttemptPlan, resources: WorkerResources): BudgetGuard | undefined {
  const { heldUsd } = meta;
  const { exchange, deployment } = plan;
  if (heldUsd === undefined || !meta.stream || exchange.isFree === true || exchange.estimateUsage !== undefined) return undefined;
  const { pricer, now, bus } = resources;
  const inputTokens = mostInputTokens(meta, exchange.body);
  const at = now();
  return createBudgetGuard({
    job: meta.id,
    heldUsd,
    priceOf: (stated) => tokenPrice({ deployment, inputTokens, stated, pricer, at }),
    topUp: (ask) => topUp(ask, bus),
    now,
  });
}

/** As the ingress counted when it asked. */
function mostInputTokens(meta: JobMeta, body: Uint8Array): number {
  return createRequestFacts({ fields: parse(body), bodyBytes: body.length, stream: true, by: meta.by }).mostInputTokens();
}

function parse(body: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString());
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

async function topUp(ask: TopUp, bus: WorkerResources['bus']): Promise<TopUpReply | undefined> {
  const answer = await requestCore(bus, TOP_UP_SUBJECT, Buffer.from(JSON.stringify(ask)), { timeoutMs: TOP_UP_TIMEOUT_MS });
  return answer.kind === 'answer' ? (JSON.parse(Buffer.from(answer.data).toString()) as TopUpReply) : undefined;
}
