import type { BodyStore, Bus, RunStore } from '#bus';
import type { Embedder } from '#cache';
import type { GatewayConfig, ModelIndex } from '#config';
import type { CheckRecord } from '#contracts';
import type { GuardTools } from '#guardrails';
import type { Pricer } from '#pricing';
import type { PromptKeeper } from '#prompts';
import type { HealthBoard, RoutingState } from '#routing';
import type { AutoRouter } from './auto-routing/auto-router.ts';
import type { KeyCache } from './auth/key-cache.ts';
import type { Flights } from './idempotency/flights.ts';
import type { KeptAnswers } from './idempotency/kept-answers.ts';
import type { AnswerCache } from './cache/answer-cache.ts';
import type { HitLedger } from './cache/hit-ledger.ts';
import type { RunAnswers } from './cache/run-answers.ts';
import type { SimilarAnswers } from './cache/similar-answers.ts';
import type { FairShare } from './admission/fair-share.ts';
import type { QueueWatch } from './admission/queue-watch.ts';
import type { Hedging } from './hedging/hedge-requests.ts';
import type { PendingJobs } from './job/pending-jobs.ts';
import type { OwnJobs } from './jobs/own-jobs.ts';
import type { AdmissionClient } from './limits/admission-client.ts';
import type { ScopeCache } from './limits/scope-cache.ts';
import type { IngressMetrics } from './metrics.ts';
import type { StoredResponses } from './responses/stored-responses.ts';

export interface IngressLog {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** What an ingress is made of; built once in `main.ts`. */
export interface IngressResources {
  readonly ingressId: string;
  readonly log: IngressLog;
  /** Jobs and events. */
  readonly bus: Bus;
  /** Frames, control and heartbeats. */
  readonly link: Bus;
  readonly bodies: BodyStore;
  readonly keys: KeyCache;
  /** Teams, users, end users and so on. */
  readonly scopes: ScopeCache;
  /** Budgets and limits of callers. */
  readonly admission: AdmissionClient;
  /** SHA-256, hex. */
  readonly masterKeyHash: string | undefined;
  /** As it is now: models and settings may change while the ingress runs. */
  readonly config: GatewayConfig;
  /** What guardrails work with. */
  readonly guardTools: GuardTools;
  readonly models: ModelIndex;
  readonly pricer: Pricer;
  /** Load, health and prices of the deployments. */
  readonly routing: RoutingState;
  /** Chooses the tier for auto groups. */
  readonly autoRouter: AutoRouter;
  /** Which deployments are in cooldown. */
  readonly health: HealthBoard;
  /** The last active check of each deployment that has been checked. */
  readonly checks: ReadonlyMap<string, CheckRecord>;
  readonly pending: PendingJobs;
  /** Which queue of its lane a key's next job waits in. */
  readonly fairShare: FairShare;
  /** How long jobs wait. */
  readonly queues: QueueWatch;
  readonly ownJobs: OwnJobs;
  readonly responses: StoredResponses;
  /** What becomes of jobs that nobody waits for on a connection; opened at its first use. */
  readonly runs: () => Promise<RunStore>;
  /** Answers that several requests share: under way here, and claimed or kept in the store. */
  readonly flights: Flights;
  readonly keptAnswers: KeptAnswers;
  /** Answers that are given again, where the cache is on, and the ledger's rows of those. */
  readonly answerCache: AnswerCache;
  /** Of jobs without a connection, which are asked the same way. */
  readonly runAnswers: RunAnswers;
  readonly similarAnswers: SimilarAnswers;
  /** The model that comes with the gateway. */
  readonly embedder: Embedder;
  readonly cacheHits: HitLedger;
  /** What was asked and answered, where that is kept. */
  readonly prompts: PromptKeeper;
  /** Second attempts where the first token is late. */
  readonly hedging: Hedging;
  readonly metrics: IngressMetrics;
  readonly now: () => number;
  readonly random: () => number;
  readonly newJobId: () => string;
}
