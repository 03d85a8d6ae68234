import type { Attribution } from './job.ts';

/**
 * Ingress and worker ↔ the process that has the lead of admission, core NATS, JSON. Every message is safe to lose and to
 * repeat: a job's id is its name, whoever asks again for the same job gets the same answer.
 *
 * - `hr.admit`             asks, also ahead of calls, releases and beats of ingresses (`AdmissionCall`); the leader alone listens
 * - `hr.admitted.<ingress>` its answers (`AdmissionReply`), also the news that another one leads now; `hr.admitted` tells that to all ingresses
 * - `hr.topup`             request of a worker whose stream outgrows what is held for it (`TopUp` → `TopUpReply`)
 *
 * `epoch` counts leaders: words of an older one are ignored. Money is decimal text in US dollars.
 */
export const ADMISSION_SUBJECT = 'hr.admit';
export const TOP_UP_SUBJECT = 'hr.topup';
/** A new leader does not know of an ingress that came after the last word of the one before. */
export const ADMITTED_ALL_SUBJECT = 'hr.admitted';

export function admittedSubject(ingressId: string): string {
  return `hr.admitted.${ingressId}`;
}

/** A deployment that may run the job and what that costs at most. */
export interface AskedCandidate {
  readonly deploymentId: string;
  readonly provider: string;
}

/** May this job run? Everything that applies is reserved in one step, or nothing is. */
export interface AdmissionAsk {
  readonly job: string;
  readonly by: Attribution;
  readonly modelGroup: string;
  /** In the plan's order; those whose provider or deployment has no budget left come back in `excluded`. */
  readonly candidates: readonly AskedCandidate[];
  /** The most it can cost. Absent: nobody knows its price. */
  readonly mostUsd?: string | undefined;
  /** The least that must be held for it to begin: less than `mostUsd` where it can be stopped half way (a stream). */
  readonly leastUsd?: string | undefined;
  readonly inputTokens: number;
  /** The most it may produce, or the default that is reserved when it does not say. */
  readonly outputTokens: number;
  /** Unix milliseconds: it waits for others to settle until then at the longest. */
  readonly deadlineAt: number;
  readonly acceptedAt: number;
  /** Held until the job's last attempt has ended or its deadline is over, whatever becomes of the ingress that asks (jobs with `run`). */
  readonly durable?: boolean | undefined;
}

/** What is held for a job: answered to its ingress, kept there until the job is over, and told to the next leader. */
export interface Ticket {
  readonly job: string;
  readonly heldUsd: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly candidate?: AskedCandidate | undefined;
  /** Where providers or deployments have budgets: all of the plan that may run it. The same is held at each, whichever runs it in the end. */
  readonly candidates?: readonly AskedCandidate[] | undefined;
}

export type AdmissionCall =
  | { readonly type: 'ask'; readonly ingress: string; readonly asks: readonly AdmissionAsk[] }
  /** Tickets ahead of their jobs: for as many jobs like this one as there are names. Given where there is plenty, in part or not at all. */
  | {
      readonly type: 'spares';
      readonly ingress: string;
      readonly batch: number;
      readonly like: AdmissionAsk;
      readonly jobs: readonly string[];
    }
  /** Spares that no job was given: as if they had never been. `recall` names what they were asked back by. */
  | { readonly type: 'unused'; readonly ingress: string; readonly jobs: readonly string[]; readonly recall?: number | undefined }
  /** These jobs are over, or were never published: whatever is held for them is free again. */
  | { readonly type: 'release'; readonly ingress: string; readonly jobs: readonly string[] }
  /** Once a second, and at once to a new leader: all jobs of this ingress that something is held for. */
  | { readonly type: 'beat'; readonly ingress: string; readonly epoch: number; readonly open: readonly OpenTicket[] };

/** Enough to hold the same again: a new leader knows nothing but this and the events. */
export interface OpenTicket extends Ticket {
  readonly by: Attribution;
  readonly modelGroup: string;
  readonly deadlineAt: number;
  readonly acceptedAt: number;
  /** As in the ask. The leader keeps these for the next one; no ingress tells of them. */
  readonly durable?: boolean | undefined;
}

export type LimitKind = 'budget' | 'requests' | 'tokens' | 'input_tokens' | 'output_tokens' | 'parallel' | 'price';

/** Which limit refused a request, in words that may be shown to its caller. */
export interface Refusal {
  readonly kind: LimitKind;
  /** Its scope, `key`, `team` …, and id; a key is shown masked by whoever answers. */
  readonly scope: string;
  readonly id: string;
  /** Of a limit for one model: that model. */
  readonly model?: string | undefined;
  readonly window?: string | undefined;
  /** Dollars as decimal text, or a count. */
  readonly limit: string;
  readonly used: string;
  /** Unix milliseconds when it frees again, where that is known. */
  readonly resetsAt?: number | undefined;
}

/** What is left of a limit, for `x-ratelimit-*` headers. */
export interface Remaining {
  readonly kind: LimitKind;
  readonly scope: string;
  readonly model?: string | undefined;
  readonly limit: string;
  readonly remaining: string;
  readonly resetsAt?: number | undefined;
}

export type AdmissionAnswer =
  | {
      readonly job: string;
      readonly admitted: true;
      readonly ticket: Ticket;
      /** As in the ask. */
      readonly durable?: boolean | undefined;
      /** Deployments that must not run it. */
      readonly excluded?: readonly string[] | undefined;
      readonly remaining?: readonly Remaining[] | undefined;
      /** The key's spend in its widest budget, with what this call holds: `x-litellm-key-spend`. */
      readonly keySpendUsd?: string | undefined;
    }
  | { readonly job: string; readonly admitted: false; readonly refusal: Refusal };

export type AdmissionReply =
  | { readonly type: 'answers'; readonly epoch: number; readonly answers: readonly AdmissionAnswer[] }
  /** The first so many of the spares that were asked for by this name are given; the answer is that of the first. */
  | {
      readonly type: 'spares';
      readonly epoch: number;
      readonly batch: number;
      readonly given: number;
      readonly answer?: AdmissionAnswer | undefined;
    }
  /** Spares without a job stand in somebody's way: they are to be given back, by this name. */
  | { readonly type: 'recall'; readonly epoch: number; readonly recall: number }
  /** A new leader collects what is held: send a beat. */
  | { readonly type: 'lead'; readonly epoch: number }
  /** These jobs have used up what they may: they are to be ended with `budget_exceeded`. */
  | { readonly type: 'stop'; readonly epoch: number; readonly jobs: readonly { readonly job: string; readonly refusal: Refusal }[] };

/** A stream will cost more than is held for it: `neededUsd` is what it should hold in all. */
export interface TopUp {
  readonly job: string;
  readonly neededUsd: string;
}

export interface TopUpReply {
  /** What is held now; less than was asked for when a limit is reached. */
  readonly heldUsd: string;
  readonly refusal?: Refusal | undefined;
  /** What is missing is held by other calls: there may be more when they are over. */
  readonly busy?: boolean | undefined;
}
