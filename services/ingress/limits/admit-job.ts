import {
  type AdmissionAnswer,
  type AdmissionAsk,
  GatewayError,
  type JobMeta,
  type KeyRecord,
  type Refusal,
  refusalError,
} from '#contracts';
import type { Caller } from '../auth/caller.ts';
import type { ClientCall } from '../chat/read-request.ts';
import type { IngressResources } from '../resources.ts';
import { admissionAsk, type JobAsk } from './admission-ask.ts';
import { budgetRules } from './budget-rules.ts';
import { admittedHeaders, refusalHeaders } from './limit-headers.ts';
import { isBudgeted, isLimited } from './limits-of.ts';

export interface JobToAdmit {
  readonly caller: Caller;
  readonly call: ClientCall;
  readonly meta: JobMeta;
  /** The same request planned for another group. */
  readonly planFor: (modelGroup: string) => JobMeta;
  /** Calls back when the client has gone. Returns its own end. */
  readonly onGone: (handler: () => void) => () => void;
  /** Headers of the answer to a refused request. */
  readonly refuseWith: (headers: Readonly<Record<string, string>>) => void;
}

export interface AdmittedJob {
  readonly meta: JobMeta;
  readonly headers: Readonly<Record<string, string>>;
}

type Resources = Pick<IngressResources, 'admission' | 'config' | 'models' | 'pricer' | 'routing' | 'now'>;

const CLIENT_GONE = new GatewayError('client_gone', 'The client closed the connection.');

/**
 * Asks whether a planned job may run, and holds what it may cost. Undefined, at no cost, where nothing limits its caller. Rejects with the
 * refusal: 402 `budget_exceeded`, 429 `rate_limit_exceeded`, 403 `price_unknown`, and 503 or 504 when nobody answered. What was planned
 * and is not run is taken back.
 */
export function admitJob(job: JobToAdmit, resources: Resources): Promise<AdmittedJob> | undefined {
  return needsAdmission(job.caller, resources) ? admitOrFallBack(job, resources) : undefined;
}

/** Whether anything limits this caller, so that something would be held for its job. */
export function needsAdmission(caller: Caller, { config }: Pick<Resources, 'config'>): boolean {
  return isLimited(caller) || budgetRules(config).limitsEverybody(caller.by);
}

/** LiteLLM's `budget_fallbacks`: where the budget does not suffice, a cheaper group serves the request. */
async function admitOrFallBack(job: JobToAdmit, resources: Resources): Promise<AdmittedJob> {
  const key = keyOf(job.caller);
  const asked = groupOf(job.meta);
  const fallbacks = [...(key?.budgetFallbacks?.[asked] ?? [])];
  let refusal = await admit(job, job.meta, asked, resources);
  while ('kind' in refusal) {
    const next = refusal.kind === 'budget' ? fallbacks.shift() : undefined;
    if (next === undefined) throw refused(refusal, job, key, resources);
    refusal = await admitFallback(job, next, resources);
  }
  return refusal;
}

async function admitFallback(job: JobToAdmit, group: string, resources: Resources): Promise<AdmittedJob | Refusal> {
  const meta = job.planFor(group);
  const admitted = await admit(job, meta, groupOf(meta), resources);
  if ('kind' in admitted) return admitted;
  // the group asked for stays in the job: its headers name the one that answers as a fallback
  const headers = { ...admitted.headers, 'x-headrace-budget-fallback': group };
  return { meta: { ...admitted.meta, modelGroup: groupOf(job.meta) }, headers };
}

async function admit(job: JobToAdmit, meta: JobMeta, modelGroup: string, resources: Resources): Promise<AdmittedJob | Refusal> {
  const rules = budgetRules(resources.config);
  const { defaultOutputTokens, unknownPriceUsd } = rules;
  try {
    const asked = admissionAsk({ call: job.call, meta, modelGroup, defaultOutputTokens, unknownPriceUsd }, resources);
    const answer = await askUnlessGone(job, asked.ask, resources);
    if (answer.admitted) return admitted(answer, { job, meta, modelGroup, asked }, resources);
    resources.routing.board.ended(meta.id);
    return answer.refusal;
  } catch (error) {
    resources.routing.board.ended(meta.id);
    throw error;
  }
}

async function askUnlessGone(job: JobToAdmit, ask: AdmissionAsk, { admission }: Resources): Promise<AdmissionAnswer> {
  const stop = job.onGone(() => admission.withdraw(ask.job, CLIENT_GONE));
  try {
    return await admission.ask(ask);
  } finally {
    stop();
  }
}

type Admitted = Extract<AdmissionAnswer, { readonly admitted: true }>;

interface Asked {
  readonly job: JobToAdmit;
  readonly meta: JobMeta;
  readonly modelGroup: string;
  readonly asked: JobAsk;
}

function admitted(answer: Admitted, { job, meta, modelGroup, asked }: Asked, resources: Resources): AdmittedJob {
  const { excluded = [], ticket } = answer;
  const plan = excluded.length === 0 ? meta.plan : meta.plan.filter(({ deploymentId }) => !excluded.includes(deploymentId));
  if (plan.length === 0) {
    resources.admission.ended(answer.job, { settled: false, started: false });
    throw new GatewayError('budget_exceeded', `The budgets of all deployments of ${modelGroup} are used up.`, {
      status: budgetRules(resources.config).budgetExceededStatus,
    });
  }
  const isHeld = isBudgeted(job.caller) || budgetRules(resources.config).budgetsEverybody(job.caller.by);
  const heldUsd = isHeld && isToBeGuarded(asked, ticket.heldUsd) ? ticket.heldUsd : undefined;
  const id = answer.job;
  if (id !== meta.id) resources.routing.board.renamed(meta.id, id);
  return { meta: { ...meta, id, plan, heldUsd }, headers: admittedHeaders(answer, keyOf(job.caller), modelGroup, resources.now()) };
}

/** Not where all it can cost is held, nor a call that only counts for rates. */
function isToBeGuarded({ ask, isBounded }: JobAsk, heldUsd: string): boolean {
  const isWhole = isBounded && ask.mostUsd !== undefined && Number(heldUsd) >= Number(ask.mostUsd);
  return Number(heldUsd) > 0 && !isWhole;
}

function refused(refusal: Refusal, job: JobToAdmit, key: KeyRecord | undefined, resources: Resources): GatewayError {
  const now = resources.now();
  job.refuseWith(refusalHeaders(refusal, now));
  return refusalError(refusal, { now, maskedKey: key?.masked, budgetStatus: budgetRules(resources.config).budgetExceededStatus });
}

function keyOf({ principal }: Caller): KeyRecord | undefined {
  return principal.kind === 'key' ? principal.record : undefined;
}

function groupOf(meta: JobMeta): string {
  return meta.modelGroup ?? meta.model;
}
