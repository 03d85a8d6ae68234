import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { JobQueueState } from '#bus';
import { holdOn } from '#config';
import { GatewayError, LANES, subjectToken } from '#contracts';
import { parseInput } from '../errors/parse-input.ts';
import type { AdminResources } from '../resources.ts';
import { defineRoute } from '../routes/define-route.ts';
import { holdSchema, listHolds, placeSchema, resume, setHold } from './holds.ts';
import { oldestAgeMs } from './queue-metrics.ts';

const TAG = 'queues';
const EXAMPLE = { tier: 'economy' };

const filterSchema = z.object({
  lane: z.enum(LANES).optional(),
  tier: z.string().min(1).optional(),
  provider: z.string().min(1).optional(),
});

/** What waits, and what an operator holds back. */
export function registerQueueRoutes(app: FastifyInstance, resources: AdminResources): void {
  defineRoute(
    app,
    { method: 'GET', url: '/queue/list', tag: TAG, summary: 'The queues of jobs: what waits, runs, and for how long', query: filterSchema },
    async ({ query }) => ({ queues: (await read(query, resources)).map((state) => view(state, resources)) }),
  );
  defineRoute(
    app,
    {
      method: 'GET',
      url: '/queue/depth',
      tag: TAG,
      summary: 'The sum over queues, for autoscalers',
      description: '`jobs` are those that wait and those that run: what the workers of a provider have to do.',
      query: filterSchema,
    },
    async ({ query }) => depth(await read(query, resources), resources.now().getTime()),
  );
  defineRoute(app, { method: 'GET', url: '/queue/holds', tag: TAG, summary: 'What is paused or being drained' }, async () =>
    listHolds(resources),
  );
  for (const mode of ['pause', 'drain'] as const) {
    const summary =
      mode === 'pause' ? 'Start nothing of a provider or tier: what waits stays' : 'Start nothing of it: what waits goes elsewhere';
    defineRoute(
      app,
      { method: 'POST', url: `/queue/${mode}`, tag: TAG, summary, body: holdSchema, example: { ...EXAMPLE, reason: 'outage' } },
      ({ body, caller }) => setHold(mode, body, caller, resources),
    );
  }
  defineRoute(
    app,
    { method: 'POST', url: '/queue/resume', tag: TAG, summary: 'Let a provider or tier go on', body: placeSchema, example: EXAMPLE },
    ({ body, caller }) => resume(body, caller, resources),
  );
}

async function read(query: unknown, { queues }: AdminResources): Promise<readonly JobQueueState[]> {
  const { lane, tier, provider } = parseInput(query, { schema: filterSchema, place: 'query' });
  const states = await queues.read().catch((cause: unknown) => {
    throw new GatewayError('queue_unavailable', 'The queue could not be reached. Try again.', { cause, retryAfterMs: 1_000 });
  });
  return states.filter(({ route }) => {
    if (lane !== undefined && route.lane !== lane) return false;
    return (
      (tier === undefined || route.tier === subjectToken(tier)) && (provider === undefined || route.provider === subjectToken(provider))
    );
  });
}

function depth(states: readonly JobQueueState[], now: number) {
  const waiting = states.reduce((sum, state) => sum + state.waiting, 0);
  const running = states.reduce((sum, state) => sum + state.running, 0);
  return { jobs: waiting + running, waiting, running, oldest_seconds: oldestAgeMs(states, now) / 1_000 };
}

function view(state: JobQueueState, { stored, now }: AdminResources) {
  const { lane, tier, provider, queue, bulk } = state.route;
  return {
    lane,
    tier,
    provider,
    queue,
    bulk,
    ...depth([state], now().getTime()),
    redelivered: state.redelivered,
    open_pulls: state.pulls,
    held: holdOn(stored.config, state.route),
  };
}
