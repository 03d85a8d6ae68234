import { builtinConfig, type Deployment, type RouterSettings, type RoutingSettings } from '#config';
import { minuteOf, type WorkerStatus } from '#contracts';
import type { Availability } from './availability.ts';
import { createPlan } from './create-plan.ts';
import type { CostOf } from './prices/group-prices.ts';
import { createRequestFacts, type RequestFacts } from './request-facts.ts';
import { createRoutingState } from './routing-state.ts';
import { createStatusBoard } from './status/status-board.ts';

/** What tests and the bench plan with. */
export const NOW = Date.UTC(2026, 0, 1, 12, 0, 30);

/** The defaults of a configuration that says nothing. */
export const { router: ROUTER, routing: ROUTING } = builtinConfig();

export function testDeployment(id: string, change: Partial<Deployment> = {}): Deployment {
  return {
    id,
    modelGroup: 'group',
    provider: `p-${id}`,
    upstreamModel: id,
    apiBase: undefined,
    apiKey: undefined,
    extraHeaders: {},
    defaultParams: {},
    tier: 'standard',
    weight: undefined,
    rpm: undefined,
    tpm: undefined,
    timeoutMs: undefined,
    streamTimeoutMs: undefined,
    maxParallelRequests: undefined,
    dropParams: false,
    prices: undefined,
    baseModel: undefined,
    modelInfo: {},
    ...change,
  };
}

/** Uniform in [0, 1), the same sequence for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d_2b_79_f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface TestPlannerOptions {
  readonly routing?: Partial<RoutingSettings>;
  readonly router?: Partial<RouterSettings>;
  readonly costOf?: CostOf;
  readonly availability?: Availability;
  readonly random?: () => number;
}

export interface PlanRequest {
  readonly model?: string;
  readonly fields?: Readonly<Record<string, unknown>>;
  /** Of the fields as JSON unless given. */
  readonly bodyBytes?: number;
  readonly stream?: boolean;
  readonly tags?: readonly string[];
  readonly sessionId?: string;
  readonly only?: ReadonlySet<string>;
  readonly deadlineAt?: number | undefined;
}

/** Plans over groups of deployments with a clock of its own, which stands until a test moves it. */
export function testPlanner(groups: Readonly<Record<string, readonly Deployment[]>>, options: TestPlannerOptions = {}) {
  const clock = { now: NOW };
  const routing = { ...ROUTING, ...options.routing };
  const board = createStatusBoard({ now: () => clock.now, measurementsHoldMs: routing.measurementsHoldMs });
  const { costOf = () => undefined, availability, random = seededRandom(1) } = options;
  const state = createRoutingState({ board, costOf, availability });
  const models = {
    resolve: (model: string) => (Object.hasOwn(groups, model) ? { group: model, deployments: groups[model] ?? [] } : undefined),
  };
  const router = { ...ROUTER, ...options.router };
  const factsOf = ({ fields = {}, bodyBytes, stream = false, tags, sessionId }: PlanRequest): RequestFacts =>
    createRequestFacts({ fields, bodyBytes: bodyBytes ?? JSON.stringify(fields).length, stream, by: { keyHash: 'k', tags, sessionId } });
  const plan = (request: PlanRequest = {}) => {
    const { model = 'group', only, deadlineAt } = request;
    return createPlan({ model, models, router, routing, state, facts: factsOf(request), now: clock.now, random, only, deadlineAt });
  };
  return {
    clock,
    board,
    state,
    router,
    routing,
    factsOf,
    plan,
    ids: (request?: PlanRequest) => plan(request)?.map((one) => one.deploymentId),
  };
}

/** How often each deployment comes first in so many plans. */
export function countFirsts(ids: () => readonly string[] | undefined, plans = 3_000): Record<string, number> {
  const counts: Record<string, number> = {};
  for (let i = 0; i < plans; i += 1) {
    const first = ids()?.[0] ?? 'none';
    counts[first] = (counts[first] ?? 0) + 1;
  }
  return counts;
}

/** A worker's status in which each deployment is idle but for what is given. */
export function testStatus(
  worker: string,
  deployments: Readonly<Record<string, Partial<WorkerStatus['deployments'][number]>>>,
  now = NOW,
): WorkerStatus {
  const idle = { inFlight: 0, minute: minuteOf(now), requests: 0, tokens: 0, errors: 0, samples: 1, measuredAt: now };
  return { v: 1, worker, deployments: Object.entries(deployments).map(([id, change]) => ({ id, ...idle, ...change })) };
}
