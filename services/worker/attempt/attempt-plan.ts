import { type Deployment, promptMarksOf } from '#config';
import { type Candidate, GatewayError, HEALTH_CHECK_KEY, type JobMeta, type SentAnswer } from '#contracts';
import { type Exchange, type ExchangeInput, markPrompt, openExchange, remoteMediaOf, takesMarks } from '#dialects';
import { countTokens } from '#tokens';
import type { UpstreamRequest } from '#upstream';
import { type AttemptGuard, guardExchange, openAttemptGuard } from '../guard/open-attempt-guard.ts';
import type { WorkerResources } from '../resources.ts';
import { priceStream } from './price-stream.ts';
import { overrideBody } from './override-body.ts';
import { uploadBody } from './upload-body.ts';
import type { UpstreamTarget } from './upstream-target.ts';

/** Everything an attempt needs, decided before the first byte leaves. */
export interface AttemptPlan {
  readonly deployment: Deployment;
  readonly target: UpstreamTarget;
  readonly exchange: Exchange;
  readonly request: UpstreamRequest;
  /** What the client has of the answer from earlier attempts: this one goes on with it. */
  readonly sent?: SentAnswer | undefined;
  readonly guard?: AttemptGuard | undefined;
}

/** Milliseconds a provider may pause between two pieces of an answer, unless `stream_timeout` says otherwise. */
const STALL_TIMEOUT_MS = 300_000;
/** The request's deadline is enforced by the worker (`deadline-sweep.ts`); values that differ per call would cost a timer each. */
const NO_LIMIT = 0;

/** Throws or rejects with `GatewayError` when the deployment can't serve this request. A promise only where there is something to wait for. */
export function planAttempt(
  meta: JobMeta,
  candidate: Candidate,
  body: Uint8Array,
  resources: WorkerResources,
  sent?: SentAnswer,
): AttemptPlan | Promise<AttemptPlan> {
  const deployment = findDeployment(meta, candidate, resources);
  const target = resources.targetOf(deployment, meta.dialect);
  const guard = openAttemptGuard(meta, body, resources);
  const marking = markingFor(meta, deployment, target, resources);
  const sentBody = overrideBody(body, candidate);
  const input: ExchangeInput = {
    clientDialect: meta.dialect,
    providerDialect: target.dialect,
    stream: meta.stream,
    body: marking === undefined ? sentBody : markPrompt({ body: sentBody, clientDialect: meta.dialect, ...marking }),
    isForm: meta.uploadRef !== undefined,
    upstreamModel: target.model,
    defaultParams: target.defaultParams,
    dropParams: deployment.dropParams || resources.config.litellm.dropParams,
    quirks: target.quirks,
    marking,
    clientHeaders: meta.headers ?? {},
    createdAt: Math.floor(meta.acceptedAt / 1000),
    answerId: meta.id,
    countTokens,
    continuation: meta.onStreamFailure === 'continue' ? { sent } : undefined,
  };
  const plan = (ready: ExchangeInput): AttemptPlan | Promise<AttemptPlan> => {
    const exchange = priceStream(guardExchange(openExchange(ready), guard), { deployment, dialect: meta.dialect }, resources);
    return authorized({
      deployment,
      target,
      exchange,
      sent,
      guard,
      request: toUpstreamRequest(meta, deployment, target, exchange, resources),
    });
  };
  const media = remoteMediaOf(input);
  return media.length === 0 ? plan(input) : resources.fetchMedia(media).then((fetchedMedia) => plan({ ...input, fetchedMedia }));
}

/** Where the configuration asks for marks for the provider's prompt cache, and it takes them. */
function markingFor(
  { uploadRef }: JobMeta,
  deployment: Deployment,
  target: UpstreamTarget,
  { config }: WorkerResources,
): ReturnType<typeof promptMarksOf> {
  const marks = promptMarksOf(deployment, config);
  return marks === undefined || uploadRef !== undefined || !takesMarks(target) ? undefined : marks;
}

/** What the operator set as a header goes before what was signed or issued. Nothing is signed for an answer that is made here. */
function authorized(plan: AttemptPlan): AttemptPlan | Promise<AttemptPlan> {
  const { target, exchange, request } = plan;
  if (target.authorize === undefined || exchange.local !== undefined) return plan;
  const headers = target.authorize(request);
  const withHeaders = (issued: Readonly<Record<string, string>>): AttemptPlan => {
    return { ...plan, request: { ...request, headers: { ...issued, ...request.headers } } };
  };
  return headers instanceof Promise ? headers.then(withHeaders) : withHeaders(headers);
}

function findDeployment(meta: JobMeta, candidate: Candidate, resources: WorkerResources): Deployment {
  const found = resources.models.deployment(candidate.modelGroup, candidate.deploymentId);
  if (found) return meta.by.keyHash === HEALTH_CHECK_KEY ? forCheck(found) : found;
  throw new GatewayError('no_healthy_deployment', `The deployment chosen for ${candidate.modelGroup} is not configured at this worker.`, {
    retry: 'elsewhere',
  });
}

/** `health_check_model` names the model with its provider, as `litellm_params.model` does. */
function forCheck(deployment: Deployment): Deployment {
  const model = deployment.health?.checkModel;
  if (model === undefined) return deployment;
  const prefix = `${deployment.provider}/`;
  return { ...deployment, upstreamModel: model.startsWith(prefix) ? model.slice(prefix.length) : model };
}

function toUpstreamRequest(
  meta: JobMeta,
  deployment: Deployment,
  target: UpstreamTarget,
  exchange: Exchange,
  resources: WorkerResources,
): UpstreamRequest {
  const streamTimeoutMs = deployment.streamTimeoutMs ?? resources.config.router.streamTimeoutMs;
  const limitMs = (meta.stream ? streamTimeoutMs : undefined) ?? deployment.timeoutMs;
  return {
    origin: target.origin,
    path: target.pathFor(exchange.path, meta.stream),
    headers: { ...exchange.headers, ...target.headers },
    body: exchange.body,
    openBody: bodyOpener(meta, exchange, resources),
    headTimeoutMs: limitMs ?? NO_LIMIT,
    stallTimeoutMs: streamTimeoutMs ?? STALL_TIMEOUT_MS,
  };
}

/** Opened anew by every call. */
function bodyOpener({ uploadRef }: JobMeta, { multipart }: Exchange, { bodies }: WorkerResources): UpstreamRequest['openBody'] {
  if (uploadRef === undefined || multipart === undefined) return undefined;
  return () => uploadBody(multipart, bodies.read(uploadRef));
}
