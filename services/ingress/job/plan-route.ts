import { asGatewayError, type Attribution, type Candidate, type JobMeta } from '#contracts';
import { createPlan, createRequestFacts, type RequestRouter } from '#routing';
import { admitPlan } from '../admission/admit-plan.ts';
import type { ClientCall } from '../chat/read-request.ts';
import type { IngressResources } from '../resources.ts';

export interface RouteRequest {
  readonly jobId: string;
  readonly call: ClientCall;
  /** The model group after the key's aliases. */
  readonly model: string;
  readonly by: Attribution;
  /** The router's settings for this request. */
  readonly router: RequestRouter;
  /** The queues it would wait in, and until when it may. */
  readonly place: Pick<JobMeta, 'lane' | 'bulk'>;
  readonly deadlineAt: number;
}

/**
 * The plan of a job whose queue is short enough, and a note that it is on its way: the next one is planned with it in mind. `undefined` when nobody serves the
 * model. Throws what `createPlan` and `admitPlan` throw.
 */
export function planRoute(request: RouteRequest, resources: IngressResources): readonly Candidate[] | undefined {
  const { jobId, call, model, by, router, deadlineAt } = request;
  const { config, models, random, routing: state } = resources;
  const now = resources.now();
  const facts = createRequestFacts({ fields: call.fields, bodyBytes: call.body.length, stream: call.stream, by });
  const { routing } = config;
  const planned = createPlan({ model, models, router, routing, state, facts, now, random, deadlineAt, only: call.deployments });
  const plan = planned && admitPlanned(planned, request, resources);
  const first = plan?.[0]?.deploymentId;
  if (first === undefined) return plan;
  resources.health.planned(first);
  // tokens are estimated only for the strategies that count them
  state.board.expect(jobId, first, routing.strategy.startsWith('usage') || routing.checkLimits ? facts.inputTokens() : 0);
  if (routing.strategy === 'cost-based-routing') state.prices.sent(first, facts, now);
  return plan;
}

function admitPlanned(plan: readonly Candidate[], { place, deadlineAt }: RouteRequest, resources: IngressResources): readonly Candidate[] {
  const { queues, models, config, metrics, now } = resources;
  if (queues.isQuiet) return plan;
  const deployment = (candidate: Candidate) => models.deployment(candidate.modelGroup, candidate.deploymentId);
  try {
    return admitPlan({ plan, place, deadlineAt, now: now(), queues, deployment, refuseHopeless: config.queueing.refuseHopeless });
  } catch (error) {
    metrics.hopeless.inc({ code: asGatewayError(error).code });
    throw error;
  }
}
