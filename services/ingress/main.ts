import { hash } from 'node:crypto';
import { checkMasterKey, loadLiveConfig, openHealth, openPricer } from '#attempts';
import {
  connectBus,
  ensureTopology,
  openBodyStore,
  openAnswerStore,
  openKeysBucket,
  openResponseStore,
  openRunStore,
  openScopesBucket,
  shareMetrics,
  watchStatus,
} from '#bus';
import { DEFAULT_JOBS, resolveSecret } from '#config';
import { type CheckRecord, GatewayError } from '#contracts';
import { createGuardTools } from '#guardrails';
import { createPromptKeeper } from '#prompts';
import { createRoutingState, createStatusBoard } from '#routing';
import { openWhenNeeded, runService, type ServiceContext } from '#runtime';
import { createIngressApp } from './app.ts';
import { drainServer } from './drain.ts';
import { createFairShare } from './admission/fair-share.ts';
import { createQueueWatch } from './admission/queue-watch.ts';
import { createAutoRouter } from './auto-routing/auto-router.ts';
import { createKeyCache } from './auth/key-cache.ts';
import { openCaches } from './cache/open-caches.ts';
import { serveAnswerRequests } from './idempotency/answer-requests.ts';
import { createFlights } from './idempotency/flights.ts';
import { createKeptAnswers } from './idempotency/kept-answers.ts';
import { createHedgeShare } from './hedging/hedge-share.ts';
import { createJobIds } from './job/job-ids.ts';
import { createPendingJobs } from './job/pending-jobs.ts';
import { startWatchdog } from './job/watchdog.ts';
import { serveJobQuestions } from './jobs/ask-all-ingresses.ts';
import { createOwnJobs } from './jobs/own-jobs.ts';
import { createAdmissionClient } from './limits/admission-client.ts';
import { createAdmissionLink } from './limits/admission-link.ts';
import { createScopeCache } from './limits/scope-cache.ts';
import { stopJob } from './limits/stop-job.ts';
import { startIntake } from './intake/start-intake.ts';
import { createIngressMetrics } from './metrics.ts';
import type { IngressResources } from './resources.ts';
import { createStoredResponses } from './responses/stored-responses.ts';
import { withBackground } from './responses/with-background.ts';
import { contextOfDeployment } from './status/context-of.ts';
import { costOfDeployment } from './status/cost-of.ts';

/** Streams of reasoning models take minutes: an installation that restarts ingresses under load gives them more (`HEADRACE_SHUTDOWN_MS`). */
const SHUTDOWN_MS = 25_000;
/** For telling the clients that are left, and closing connections. */
const CLOSING_MS = 800;

await runService({
  name: 'ingress',
  summary: 'The public HTTP endpoint: authenticates, plans, publishes jobs and relays their answers',
  shutdownDeadlineMs: SHUTDOWN_MS,
  start: async (service) => {
    const resources = await createResources(service);
    const app = await createIngressApp(
      { adminUrl: service.settings.adminUrl, batchesUrl: service.settings.batchesUrl, registry: service.metrics },
      resources,
    );
    const stopWatchdog = startWatchdog(resources);
    service.releases.add('watchdog', stopWatchdog);
    service.releases.add('answer requests', serveAnswerRequests(resources));
    service.releases.add('job questions', serveJobQuestions(resources.link, resources.ownJobs));
    service.releases.add(
      'metrics',
      shareMetrics(resources.link, service.instance, () => service.metrics.getMetricsAsJSON()),
    );
    service.releases.add('http server', () => app.close());
    service.releases.add('pending jobs', () => endPendingJobs(resources));
    service.releases.add('clients', () => drainServer({ server: app.server, withinMs: Math.max(0, service.shutdownMs - CLOSING_MS) }));
    const intake = startIntake(resources);
    service.releases.add('intake', () => intake.close());
    service.health.add('nats', () => resources.bus.connected && resources.link.connected);
    await app.listen({ port: service.settings.port, host: service.settings.host });
    const address = app.server.address();
    return { port: typeof address === 'object' && address ? address.port : service.settings.port };
  },
});

async function createResources(service: ServiceContext): Promise<IngressResources> {
  const { settings, log, env, releases, instance } = service;
  const live = loadLiveConfig(service);
  const { config, models } = live;
  const masterKey = settings.masterKey ?? resolveSecret(config.general.masterKey, env);
  checkMasterKey(masterKey, service);
  const open = async (purpose: string) => {
    const bus = await connectBus({ url: settings.natsUrl ?? '', name: `${instance} ${purpose}`, log });
    releases.add(`nats ${purpose}`, () => bus.close());
    return bus;
  };
  const [bus, link, bulk] = await Promise.all([open('jobs'), open('frames'), open('bodies')]);
  await ensureTopology(bus);
  await live.follow(link);
  const keys = await createKeyCache(await openKeysBucket(link));
  releases.add('key cache', () => keys.close());
  const scopes = await createScopeCache(await openScopesBucket(link));
  releases.add('scope cache', () => scopes.close());
  const metrics = createIngressMetrics(service.metrics);
  const board = createStatusBoard({ now: Date.now, measurementsHoldMs: config.routing.measurementsHoldMs });
  releases.add('worker statuses', watchStatus(link, board.apply));
  const queues = createQueueWatch({ bus: link, config, models, metrics, now: Date.now });
  const { bulkAfter } = config.queueing;
  const fairShare = createFairShare({ bulkAfter, waitingIn: queues.waitingIn });
  const pending = createPendingJobs({ ingressId: instance, bus, link, metrics, board, fairShare, now: Date.now });
  releases.add('frames', () => pending.close());
  const newJobId = createJobIds();
  const admission = createAdmissionClient({
    ingressId: instance,
    newJobId,
    link: createAdmissionLink(link, instance),
    now: Date.now,
    onStop: (job, refusal) => stopJob(job, refusal, { pending, config, now: Date.now }),
  });
  releases.add('admission', () => admission.close());
  const pricer = await openPricer(config, service);
  const checks = new Map<string, CheckRecord>();
  releases.add('queue watch', queues.start(pending));
  const onRelease = (release: () => void): void => releases.add('health', release);
  const health = await openHealth({
    by: instance,
    bus: link,
    live,
    log,
    onRelease,
    onCheck: (check) => checks.set(check.deploymentId, check),
  });
  const runs = openWhenNeeded(() => openRunStore(bus, config.jobs ?? DEFAULT_JOBS));
  const caches = openCaches({ bus, bulk, link, runs, config, metrics, log, releases, newId: newJobId });
  return {
    ingressId: instance,
    ...caches,
    log,
    bus,
    link,
    bodies: await openBodyStore(bulk),
    keys,
    scopes,
    admission,
    masterKeyHash: masterKey && hash('sha256', masterKey),
    config,
    guardTools: createGuardTools({ env, config, log }),
    models,
    health: health.board,
    checks,
    pricer,
    routing: createRoutingState({ board, costOf: costOfDeployment(pricer), availability: health.board, knownLimit: contextOfDeployment }),
    autoRouter: createAutoRouter(config.autoRouting),
    pending,
    fairShare,
    queues,
    ownJobs: createOwnJobs({ pending, now: Date.now }),
    flights: createFlights(),
    keptAnswers: createKeptAnswers({ ingressId: instance, open: () => openAnswerStore(bus, config.idempotency), log }),
    prompts: createPromptKeeper({ bus: bulk, log }),
    hedging: { share: createHedgeShare(), mayHold: ({ id }) => !admission.holds(id) },
    runs,
    responses: withBackground(createStoredResponses({ open: () => openResponseStore(bulk, config.responses), log }), runs, Date.now),
    metrics,
    now: Date.now,
    random: Math.random,
    newJobId,
  };
}

/** The clients can't be kept when their connections end here: they get a clear error, and their jobs are cancelled. */
async function endPendingJobs(resources: IngressResources): Promise<void> {
  const error = new GatewayError('service_unavailable', 'The gateway is shutting down. Send the request again.', { retryAfterMs: 1_000 });
  for (const job of [...resources.pending.all()]) resources.pending.cancel(job, error);
  await resources.responses.settled();
  await resources.keptAnswers.settled();
  await resources.prompts.settled();
  await Promise.all([resources.answerCache.settled(), resources.cacheHits.settled()]);
  await resources.link.flush();
}
