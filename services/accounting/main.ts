import { loadLiveConfig } from '#attempts';
import { type Bus, connectBus, ensurePromptStream, ensureTopology, openBatchConsumer, shareMetrics } from '#bus';
import {
  ATTEMPT_EVENTS,
  decodeHits,
  decodeStoredPrompt,
  EVENTS_STREAM,
  HITS_CONSUMER,
  HITS_SUBJECT,
  LEDGER_CONSUMER,
  PROMPTS_CONSUMER,
  PROMPTS_STREAM,
  PROMPTS_SUBJECT,
} from '#contracts';
import { applyAttempts, type Database, openDatabase, pingDatabase, storePrompts } from '#db';
import { required, runService, type ServiceContext } from '#runtime';
import { startAdmission } from './admission/start-admission.ts';
import { startLedger } from './consume.ts';
import { createDeadLetters } from './dead-letter.ts';
import { createEventReader } from './event-reader.ts';
import { keepDocuments } from './keep-documents.ts';
import { startSimilarTexts } from './keep-similar-texts.ts';
import { createAccountingMetrics } from './metrics.ts';

const CONNECTIONS = 4;

/** Bigger batches cost less: 1,000 rows are one statement of some 37 ms (400: 17 ms). What gathers within a quarter of a second is fetched together. */
const BATCH = { maxMessages: 1_000, lingerMs: 250 };

/** Texts are large: few at a time. */
const PROMPT_BATCH = { maxMessages: 50, lingerMs: 200, maxAckPending: 500 };

/** Booked in a quarter of the time, behind the ledger's own: nothing waits for them. A message has up to 200 rows: as many rows at a time as of the ledger's own. */
const HIT_BATCH = { maxMessages: 5, lingerMs: 100, maxAckPending: 500 };

/** Longer than any batch takes; a killed accounting's events wait this long for the next one. */
const ACK_WAIT_MS = 15_000;
const MAX_ACK_PENDING = 20_000;

await runService({
  name: 'accounting',
  summary: 'Turns attempt events into the ledger, each exactly once',
  start: async (service) => {
    const { log, releases, health } = service;
    const live = loadLiveConfig(service);
    const db = openDatabase(required(service.settings.databaseUrl, 'DATABASE_URL'), service, { connections: CONNECTIONS });
    const bus = await connectBus({ url: required(service.settings.natsUrl, 'NATS_URL'), name: service.instance, log });
    releases.add('nats', () => bus.close());
    await ensureTopology(bus);
    const consumer = await openBatchConsumer(bus, {
      stream: EVENTS_STREAM,
      consumer: LEDGER_CONSUMER,
      filterSubject: ATTEMPT_EVENTS,
      ackWaitMs: ACK_WAIT_MS,
      maxAckPending: MAX_ACK_PENDING,
      ...BATCH,
    });
    releases.add('consumer', () => consumer.close());
    const reader = createEventReader();
    const ledger = startLedger({
      consumer,
      reader,
      apply: (events) => applyAttempts(db, events),
      deadLetters: createDeadLetters(bus),
      metrics: createAccountingMetrics(service.metrics, () => consumer.lag()),
      log,
      now: Date.now,
    });
    releases.add('ledger', () => ledger.stop());
    await keepHits(service, { bus, db });
    if (live.config.prompts !== undefined) await keepPrompts(service, { bus, db });
    await live.follow(bus);
    const { cache } = live.config;
    if (cache?.semantic !== undefined && cache.semantic.index !== 'memory') startSimilarTexts({ bus, db, cache, log, releases });
    const admission = await startAdmission({
      bus,
      reader,
      db,
      // a process id tells people which one it is, the rest that it is another one after a restart
      holder: `${process.pid} ${service.instance}`,
      config: () => live.config,
      onConfigChange: live.onChange,
      registry: service.metrics,
      log,
      now: Date.now,
    });
    releases.add('admission', () => admission.close());
    releases.add(
      'metrics',
      shareMetrics(bus, service.instance, () => service.metrics.getMetricsAsJSON()),
    );
    health.add('nats', () => bus.connected);
    health.add('database', () => pingDatabase(db).then(() => true));
  },
});

/** Rows of requests that were answered from the cache. */
async function keepHits({ log, releases }: ServiceContext, { bus, db }: { readonly bus: Bus; readonly db: Database }): Promise<void> {
  const names = { stream: EVENTS_STREAM, consumer: HITS_CONSUMER, filterSubject: HITS_SUBJECT };
  const consumer = await openBatchConsumer(bus, { ...names, ...HIT_BATCH, ackWaitMs: ACK_WAIT_MS });
  releases.add('hit consumer', () => consumer.close());
  const store = (rows: Parameters<typeof applyAttempts>[1]) => applyAttempts(db, rows);
  const keeping = keepDocuments({ consumer, what: 'cache hits', decode: decodeHits, store, nameOf: ({ job }) => job, restFactor: 3, log });
  releases.add('hits', () => keeping.stop());
}

async function keepPrompts({ log, releases }: ServiceContext, { bus, db }: { readonly bus: Bus; readonly db: Database }): Promise<void> {
  await ensurePromptStream(bus);
  const names = { stream: PROMPTS_STREAM, consumer: PROMPTS_CONSUMER, filterSubject: PROMPTS_SUBJECT };
  const consumer = await openBatchConsumer(bus, { ...names, ...PROMPT_BATCH, ackWaitMs: ACK_WAIT_MS });
  releases.add('prompt consumer', () => consumer.close());
  const store = (prompts: Parameters<typeof storePrompts>[1]) => storePrompts(db, prompts);
  const decode = (data: Uint8Array) => [decodeStoredPrompt(data)];
  const keeping = keepDocuments({ consumer, what: 'prompts', decode, store, nameOf: ({ job }) => job, log });
  releases.add('prompts', () => keeping.stop());
}
