import { randomUUID } from 'node:crypto';
import { type HealthBucket, publishDurably } from '#bus';
import type { Deployment } from '#config';
import { type ClientDialect, encodeJobMeta, HEALTH_CHECK_KEY, JOB_HEADER, jobMessageId, type JobMeta, jobSubject } from '#contracts';
import { routeOf } from '#routing';
import type { WorkerResources } from './resources.ts';

/** LiteLLM's default for `model_info.health_check_timeout`. */
const CHECK_TIMEOUT_MS = 60_000;

/** By `model_info.mode`: the smallest request that shows a deployment to work. Pictures and sound cost too much to be asked for. */
const REQUESTS: Readonly<Record<string, readonly [dialect: ClientDialect, fields: object] | undefined>> = {
  chat: ['openai-chat', { messages: [{ role: 'user', content: 'ping' }], max_tokens: 16 }],
  embedding: ['openai-embeddings', { input: 'ping' }],
  rerank: ['cohere-rerank', { query: 'ping', documents: ['ping'] }],
};

/**
 * `background_health_checks`: one worker of all, the holder of the lease, sends every deployment a small request per interval. It is a job like
 * any other: it waits its turn in the background lane, its cost is in the ledger under `HEALTH_CHECK_KEY`, and its outcome counts for the
 * deployment's health as every call's does. Returns its end.
 */
export function startHealthChecks(bucket: Pick<HealthBucket, 'lease'>, resources: WorkerResources): () => void {
  const { activeChecks, checkIntervalMs } = resources.config.health;
  if (!activeChecks) return () => undefined;
  const round = async (): Promise<void> => {
    // a holder that dies is followed by the next one within an interval
    if (!(await bucket.lease('checks', resources.workerId, checkIntervalMs * 1.5))) return;
    for (const deployment of resources.config.deployments) await checkOne(deployment, resources);
  };
  const run = (): void => void round().catch((err: unknown) => resources.log.warn({ err }, 'health checks could not be sent'));
  run();
  const timer = setInterval(run, checkIntervalMs);
  return () => clearInterval(timer);
}

async function checkOne(deployment: Deployment, resources: WorkerResources): Promise<void> {
  const { modelGroup, health, modelInfo, id, provider, tier } = deployment;
  const request = REQUESTS[typeof modelInfo['mode'] === 'string' ? modelInfo['mode'] : 'chat'];
  const namesNoModel = modelGroup.includes('*') && health?.checkModel === undefined;
  if (request === undefined || namesNoModel || health?.noActiveChecks === true) return;
  const [dialect, fields] = request;
  const now = resources.now();
  const candidate = { deploymentId: id, provider, tier, modelGroup };
  const meta: JobMeta = {
    v: 1,
    id: `check_${randomUUID().replaceAll('-', '')}`,
    attempt: 1,
    cursor: 0,
    plan: [candidate],
    lane: 'background',
    dialect,
    stream: false,
    model: modelGroup,
    acceptedAt: now,
    deadlineAt: now + checkTimeoutMs(modelInfo),
    by: { keyHash: HEALTH_CHECK_KEY },
    numRetries: 0,
  };
  await publishDurably(
    resources.bus,
    {
      subject: jobSubject(routeOf(meta, candidate, resources.models)),
      data: Buffer.from(JSON.stringify({ model: modelGroup, ...fields })),
      messageId: jobMessageId(meta.id, meta.attempt),
      headers: { [JOB_HEADER]: encodeJobMeta(meta) },
    },
    { giveUpAfterMs: 2_000 },
  );
}

function checkTimeoutMs(modelInfo: Deployment['modelInfo']): number {
  const seconds = modelInfo['health_check_timeout'];
  return typeof seconds === 'number' && seconds > 0 ? seconds * 1_000 : CHECK_TIMEOUT_MS;
}
