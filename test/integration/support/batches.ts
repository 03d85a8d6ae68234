import { hash } from 'node:crypto';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { type Bus, connectBus, ensureTopology, openKeysBucket, openRunStore } from '#bus';
import { DEFAULT_BATCHES, DEFAULT_JOBS } from '#config';
import { createPool, type Database, migrate } from '#db';
import { startNats, startPostgres, waitFor } from '#testing';
import { createBatchesApp } from '../../../services/batches/app.ts';
import { createPostgresStore } from '../../../services/batches/files/postgres-store.ts';
import type { BatchesResources, BatchLimits } from '../../../services/batches/resources.ts';
import { type BatchRunner, startRunner } from '../../../services/batches/runner/start-runner.ts';

const quiet = { info() {}, warn() {}, error() {} };

export interface Replica {
  readonly url: string;
  readonly resources: BatchesResources;
  readonly runner: BatchRunner;
  close(): Promise<void>;
}

/** The batches service over a real Postgres and a real NATS, with the official clients of both APIs. */
export interface BatchesUnderTest {
  readonly bus: Bus;
  readonly db: Database;
  readonly url: string;
  /** Of a key that is made for it. */
  openai(secret: string): OpenAI;
  anthropic(secret: string): Anthropic;
  replica(options?: Partial<BatchLimits> & { readonly store?: BatchesResources['store'] }): Promise<Replica>;
  remove(): Promise<void>;
}

export async function startBatches(secrets: readonly string[]): Promise<BatchesUnderTest> {
  const [nats, postgres] = await Promise.all([startNats(), startPostgres()]);
  await migrate(postgres.url);
  const db = createPool(postgres.url, { max: 8, onIdleError: () => undefined });
  const bus = await connectBus({ url: nats.url, name: 'test', log: quiet });
  await ensureTopology(bus);
  const keys = await openKeysBucket(bus);
  for (const secret of secrets) await keys.put({ v: 1, hash: hash('sha256', secret), masked: 'sk-…', models: [], blocked: false });
  const runs = await openRunStore(bus, DEFAULT_JOBS);
  const replicas: Replica[] = [];
  let ids = 0;
  const replica: BatchesUnderTest['replica'] = async ({ store, ...limits } = {}) => {
    const started: { runner?: BatchRunner } = {};
    const resources: BatchesResources = {
      db,
      bus,
      runs,
      keys,
      store: store ?? createPostgresStore(db),
      masterKeyHash: hash('sha256', 'sk-master'),
      limits: { ...DEFAULT_BATCHES, ...limits },
      instance: `batches-${replicas.length}`,
      log: quiet,
      now: Date.now,
      newId: (prefix) => `${prefix}${String((ids += 1)).padStart(6, '0')}`,
      wake: () => started.runner?.wake(),
    };
    const runner = startRunner(resources);
    started.runner = runner;
    const app = await createBatchesApp(resources);
    const url = await app.listen({ host: '127.0.0.1', port: 0 });
    const close = async (): Promise<void> => {
      await app.close();
      await runner.stop();
    };
    replicas.push({ url, resources, runner, close });
    return { url, resources, runner, close };
  };
  const { url } = await replica();
  return {
    bus,
    db,
    url,
    replica,
    openai: (apiKey) => new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries: 0 }),
    anthropic: (apiKey) => new Anthropic({ baseURL: url, apiKey, maxRetries: 0 }),
    async remove() {
      for (const one of replicas) {
        await one.close();
      }
      await bus.close();
      await db.close();
      await Promise.all([nats.remove(), postgres.remove()]);
    },
  };
}

/** A line of a batch's input. */
export function inputLine(customId: string, body: object = {}, url = '/v1/chat/completions'): string {
  return JSON.stringify({
    custom_id: customId,
    method: 'POST',
    url,
    body: { model: 'm', messages: [{ role: 'user', content: customId }], ...body },
  });
}

export async function uploadInput(client: OpenAI, lines: readonly string[]): Promise<OpenAI.FileObject> {
  const file = new File([`${lines.join('\n')}\n`], 'input.jsonl');
  return client.files.create({ file, purpose: 'batch' });
}

const OVER = ['completed', 'failed', 'expired', 'cancelled'];

export function awaitBatch(client: OpenAI, id: string, timeoutMs = 30_000): Promise<OpenAI.Batch> {
  return waitFor(
    async () => {
      const batch = await client.batches.retrieve(id);
      return OVER.includes(batch.status) && batch;
    },
    { what: `batch ${id} to be over`, timeoutMs },
  );
}

/** The lines of an output or error file. */
export async function readOutput(client: OpenAI, id: string | undefined): Promise<any[]> {
  if (typeof id !== 'string') throw new Error('there is no such file');
  const text = await (await client.files.content(id)).text();
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}
