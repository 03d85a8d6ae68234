import { decisionAt } from '#attempts';
import { attemptOfRange, type Candidate, type HeadMeta, type JobMeta, type RouteDecision } from '#contracts';
import { guardHeaders } from '#guardrails';
import type { PricedAttempt } from '#pricing';
import type { AttemptPlan } from './attempt-plan.ts';
import { costHeaders } from './cost-headers.ts';

/** Headers of the provider's answer that describe its connection or its cookies, not the answer. */
const NOT_ECHOED = new Set([
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'keep-alive',
  'set-cookie',
  'transfer-encoding',
  'alt-svc',
  'strict-transport-security',
]);

export interface ResultFacts {
  readonly meta: JobMeta;
  readonly plan: AttemptPlan;
  readonly queueMs: number;
  readonly upstreamMs: number;
  /** Undefined while it is not known yet: the head of a stream. */
  readonly priced: PricedAttempt | undefined;
}

/**
 * The head of an answer: our `x-headrace-*` headers, LiteLLM's names for the same facts, and the provider's own headers
 * with LiteLLM's `llm_provider-` prefix. The job id is added by the ingress.
 */
export function resultHead(status: number, facts: ResultFacts, upstreamHeaders: Readonly<Record<string, string>>): HeadMeta {
  const { meta, plan } = facts;
  const candidate = meta.plan[meta.cursor];
  const headers: Record<string, string> = {
    'content-type': contentType(status, facts, upstreamHeaders),
    'x-headrace-deployment': plan.deployment.id,
    'x-headrace-provider': plan.deployment.provider,
    'x-headrace-attempts': String(attemptOfRange(meta.attempt) + (meta.hedges ?? 0) - (meta.detours ?? 0)),
    'x-headrace-queue-ms': String(facts.queueMs),
    'x-headrace-upstream-ms': String(facts.upstreamMs),
    'x-litellm-model-id': plan.deployment.id,
    'x-litellm-model-group': candidate?.modelGroup ?? meta.model,
    'x-litellm-model-api-base': plan.target.publicBase,
    'x-litellm-attempted-retries': String(retriesIn(candidate, meta)),
    'x-litellm-attempted-fallbacks': String(fallbacksOf(meta)),
  };
  const decision = decisionAt(meta, candidate);
  if (decision !== undefined) headers['x-headrace-route'] = routeHeader(decision);
  const dropped = plan.exchange.dropped ?? [];
  if (dropped.length > 0) headers['x-headrace-dropped-params'] = dropped.join(', ');
  if (plan.exchange.local !== undefined) headers['x-headrace-estimated'] = 'true';
  if (isFallback(candidate, meta)) headers['x-headrace-fallback'] = candidate?.modelGroup ?? '';
  if (meta.previousError) headers['x-headrace-previous-error'] = meta.previousError;
  const guarded = plan.guard?.results() ?? [];
  if (guarded.length > 0) Object.assign(headers, guardHeaders(guarded));
  // an error whose price is unknown cost nothing that anybody knows of
  if (facts.priced?.cost || (facts.priced && status < 400)) Object.assign(headers, costHeaders(facts.priced));
  for (const name in upstreamHeaders) {
    const value = upstreamHeaders[name];
    if (value !== undefined && !NOT_ECHOED.has(name)) headers[`llm_provider-${name}`] = value;
  }
  return { status, headers: headerSafe(headers) };
}

/** As HTTP writes parameters (RFC 8941): `group="auto"; tier=weak; by=score; score=0.5312`. */
function routeHeader({ group, tier, by, score }: RouteDecision): string {
  return `group=${JSON.stringify(group)}; tier=${tier}; by=${by}${score === undefined ? '' : `; score=${score}`}`;
}

function isFallback(candidate: Candidate | undefined, meta: JobMeta): boolean {
  return candidate !== undefined && (candidate.modelGroup !== groupAskedFor(meta) || candidate.overrides !== undefined);
}

/** A plan begins with it, unless nobody of it could serve the request. */
function groupAskedFor({ modelGroup, plan }: JobMeta): string | undefined {
  return modelGroup ?? plan[0]?.modelGroup;
}

/** LiteLLM counts the retries of the group that answered. */
function retriesIn(candidate: Candidate | undefined, { plan, failures = [] }: JobMeta): number {
  return failures.filter(({ cursor }) => plan[cursor]?.modelGroup === candidate?.modelGroup).length;
}

/** Groups that were tried after the one asked for. */
function fallbacksOf(meta: JobMeta): number {
  const { plan, failures = [], cursor } = meta;
  const groups = [...failures.map((failure) => plan[failure.cursor]?.modelGroup), plan[cursor]?.modelGroup];
  return new Set(groups.filter((group) => group !== groupAskedFor(meta))).size;
}

/** Speech, subtitles and the like keep the provider's own type; an error is JSON whatever was asked for. */
function contentType(status: number, { meta, plan }: ResultFacts, upstreamHeaders: Readonly<Record<string, string>>): string {
  const isAnswer = status >= 200 && status < 300;
  if (isAnswer && plan.exchange.relaysContentType === true) return upstreamHeaders['content-type'] ?? 'application/octet-stream';
  const isStream = isAnswer && meta.stream && plan.exchange.local === undefined;
  return isStream ? 'text/event-stream; charset=utf-8' : 'application/json';
}

/** Model and deployment names may hold any character, a header's value only Latin-1: Node refuses the whole answer otherwise. */
function headerSafe(headers: Readonly<Record<string, string>>): Record<string, string> {
  const safe: Record<string, string> = {};
  for (const name in headers) safe[name] = (headers[name] ?? '').replaceAll(/[^\t\x20-\x7e\x80-\xff]/gu, '?');
  return safe;
}
