import { pricedDeployment } from '#attempts';
import type { Candidate, TokenUsage } from '#contracts';
import { createPlan, createRequestFacts, expectedUsage, type RequestFacts } from '#routing';
import type { Caller } from '../auth/caller.ts';
import type { ClientCall } from '../chat/read-request.ts';
import type { RequestRouting } from '../job/request-router.ts';
import type { IngressResources } from '../resources.ts';
import type { RoutedModel } from './route-call.ts';

export interface RoutePreviewInput {
  readonly call: ClientCall;
  readonly caller: Caller;
  /** The model group after aliases and auto groups. */
  readonly model: string;
  readonly routed: RoutedModel | undefined;
  readonly routing: RequestRouting;
}

type Resources = Pick<IngressResources, 'config' | 'models' | 'pricer' | 'routing' | 'now' | 'random'>;

/** A plan as `POST /v1/route` shows it. Money is decimal text in US dollars, null where no price is known. */
export interface RoutePreview {
  readonly object: 'route';
  readonly model: string;
  readonly group: string;
  /** Null where the model is no auto group. */
  readonly tier: string | null;
  readonly score: number | null;
  readonly by: string | null;
  readonly strategy: string;
  readonly input_tokens: number;
  readonly candidates: readonly PreviewedCandidate[];
}

export interface PreviewedCandidate {
  readonly deployment: string;
  readonly provider: string;
  readonly model: string;
  readonly group: string;
  /** Null: for any failure of those before it. */
  readonly only_after: string | null;
  readonly expected_cost_usd: string | null;
  readonly price_source: string;
  readonly cached_input_tokens: number;
  readonly expected_output_tokens: number;
}

/** The plan of a request in its order, each deployment once. Nothing is run and nothing is noted. Undefined when nobody serves the model; throws what `createPlan` throws. */
export function previewRoute({ call, caller, model, routed, routing }: RoutePreviewInput, resources: Resources): RoutePreview | undefined {
  const { config, models, random, routing: state } = resources;
  const facts = createRequestFacts({ fields: call.fields, bodyBytes: call.body.length, stream: call.stream, by: caller.by });
  const plan = createPlan({ model, models, router: routing.router, routing: config.routing, state, facts, now: resources.now(), random });
  if (plan === undefined) return undefined;
  const seen = new Set<string>();
  const distinct = plan.filter(({ deploymentId, for: cause }) => {
    const name = `${cause ?? ''} ${deploymentId}`;
    return !seen.has(name) && seen.add(name);
  });
  return {
    object: 'route',
    model: call.model,
    group: plan[0]?.modelGroup ?? model,
    tier: routed?.decision.tier ?? null,
    score: routed?.decision.score ?? null,
    by: routed?.decision.by ?? null,
    strategy: config.routing.strategy,
    input_tokens: facts.inputTokens(),
    candidates: distinct.map((candidate) => previewed(candidate, facts, resources)),
  };
}

function previewed(candidate: Candidate, facts: RequestFacts, { models, pricer, routing, now }: Resources): PreviewedCandidate {
  const { deploymentId, modelGroup, provider } = candidate;
  const deployment = models.deployment(modelGroup, deploymentId);
  const usage: TokenUsage = expectedUsage({
    deploymentId,
    load: routing.board.loadOf(deploymentId),
    facts,
    prices: routing.prices,
    now: now(),
  });
  const priced = deployment && pricer.price({ deployment: pricedDeployment(deployment), usage, at: new Date(now()), answered: true });
  return {
    deployment: deploymentId,
    provider,
    model: deployment?.upstreamModel ?? '',
    group: modelGroup,
    only_after: candidate.for ?? null,
    expected_cost_usd: priced?.cost?.totalUsd ?? null,
    price_source: priced?.source ?? 'unknown',
    cached_input_tokens: usage.cacheReadTokens,
    expected_output_tokens: usage.outputTokens,
  };
}
