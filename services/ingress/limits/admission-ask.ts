import { pricedDeployment } from '#attempts';
import { type Deployment, type GatewayConfig, promptMarksOf } from '#config';
import type { AdmissionAsk, AskedCandidate, Candidate, JobMeta, TokenUsage } from '#contracts';
import { dearest, type Pricer, sumOf } from '#pricing';
import { createRequestFacts, type RequestFacts } from '#routing';
import type { ClientCall } from '../chat/read-request.ts';
import { type BoundsInput, usageBounds } from './usage-bounds.ts';

export interface AskInput {
  readonly call: ClientCall;
  readonly meta: JobMeta;
  /** The group whose limits count. */
  readonly modelGroup: string;
  readonly defaultOutputTokens: number;
  /** What is reserved for a deployment whose price nobody knows, decimal text; unset: the first one must have a price. */
  readonly unknownPriceUsd?: string | undefined;
}

export interface AskResources {
  readonly config: Pick<GatewayConfig, 'promptCache' | 'modelGroups'>;
  readonly pricer: Pricer;
  readonly models: { deployment(group: string, id: string): Deployment | undefined };
}

export interface JobAsk {
  readonly ask: AdmissionAsk;
  /** Whoever runs it ends it where it has cost `mostUsd`. */
  readonly isBounded: boolean;
}

/** What is asked of admission for a planned job: the most it costs at the dearest of its deployments. */
export function admissionAsk(input: AskInput, resources: AskResources): JobAsk {
  const { call, meta, modelGroup } = input;
  const facts = createRequestFacts({ fields: call.fields, bodyBytes: call.body.length, stream: call.stream, by: meta.by });
  const candidates = distinct(meta.plan);
  const costs = candidates.map((candidate) => costOf(candidate, facts, input, resources));
  const [first] = costs;
  const most = mostOf(candidates, costs, input.unknownPriceUsd);
  const isPriced = first?.mostUsd !== undefined || input.unknownPriceUsd !== undefined;
  const least = costs.every(({ leastUsd }) => leastUsd !== undefined)
    ? dearest(costs.flatMap(({ leastUsd }) => leastUsd ?? []))
    : undefined;
  const ask: AdmissionAsk = {
    job: meta.id,
    by: meta.by,
    modelGroup,
    candidates: candidates.map(({ deploymentId, provider }): AskedCandidate => ({ deploymentId, provider })),
    mostUsd: isPriced ? most : undefined,
    leastUsd: isPriced ? least : undefined,
    inputTokens: first?.inputTokens ?? 0,
    outputTokens: Math.max(0, ...costs.map(({ outputTokens }) => outputTokens)),
    deadlineAt: meta.deadlineAt,
    acceptedAt: meta.acceptedAt,
    durable: meta.run === undefined ? undefined : true,
  };
  return { ask, isBounded: costs.every((cost) => cost.isBounded) };
}

/** At the dearest deployment; where an answer may be rejected and asked for again elsewhere, both are paid for. */
function mostOf(
  candidates: readonly Candidate[],
  costs: readonly CandidateCost[],
  unknownPriceUsd: string | undefined,
): string | undefined {
  const most = (isSecond: boolean): string | undefined =>
    dearest(
      costs.flatMap(({ mostUsd }, at) => ((candidates[at]?.for === 'escalation') === isSecond ? (mostUsd ?? unknownPriceUsd ?? []) : [])),
    );
  return sumOf([most(false), most(true)]);
}

/** A plan repeats a deployment for its retries. */
function distinct(plan: readonly Candidate[]): readonly Candidate[] {
  const seen = new Set<string>();
  return plan.filter(({ deploymentId }) => !seen.has(deploymentId) && seen.add(deploymentId));
}

interface CandidateCost {
  readonly isBounded: boolean;
  readonly mostUsd: string | undefined;
  readonly leastUsd: string | undefined;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

function costOf(
  candidate: Candidate,
  facts: RequestFacts,
  { call, meta, defaultOutputTokens }: AskInput,
  resources: AskResources,
): CandidateCost {
  const deployment = resources.models.deployment(candidate.modelGroup, candidate.deploymentId);
  const own = deployment && ownLimit(deployment);
  const bounds = usageBounds({
    call,
    inputTokens: facts.inputTokens(),
    mostInputTokens: facts.mostInputTokens(),
    defaultOutputTokens: own ?? defaultOutputTokens,
    isBounded: own !== undefined,
    marked: deployment && markedFor(deployment, resources.config),
    maxOutputTokens: deployment && positive(deployment.modelInfo['max_output_tokens']),
  });
  const price = (usage: TokenUsage): string | undefined => deployment && priceOf(deployment, usage, meta.acceptedAt, resources.pricer);
  const most = dearest(bounds.most.flatMap((usage) => price(usage) ?? []));
  const least = bounds.least && price(bounds.least);
  const { inputTokens, outputTokens, isBounded } = bounds;
  return { mostUsd: most, leastUsd: least, inputTokens, outputTokens, isBounded };
}

/** `litellm_params.max_tokens`: sent where the client says nothing. */
function ownLimit({ defaultParams }: Deployment): number | undefined {
  return positive(defaultParams['max_completion_tokens']) ?? positive(defaultParams['max_tokens']);
}

/** How long what the gateway marks of its prompt is kept: an hour costs more to write. */
function markedFor(deployment: Deployment, config: AskResources['config']): BoundsInput['marked'] {
  const marks = promptMarksOf(deployment, config);
  if (marks === undefined) return undefined;
  return marks.places !== 'auto' && marks.places.some(({ control }) => control?.['ttl'] === '1h') ? 'hour' : 'minutes';
}

function positive(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : undefined;
}

function priceOf(deployment: Deployment, usage: TokenUsage, at: number, pricer: Pricer): string | undefined {
  return pricer.price({ deployment: pricedDeployment(deployment), usage, at: new Date(at), answered: true }).cost?.totalUsd;
}
