import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { createQueueClient, type JobRequest, ownerOfKey } from '#client';
import { BUS_OPERATOR, groupEndsSubject } from '#contracts';
import { natsUrl } from '#runtime';
import { startNats } from '#testing';
import { connectBus, ensureTopology } from '#bus';
import { wholeNumber } from './bench-options.ts';
import { startHeadrace } from './start-headrace.ts';
import { startProvider } from './provider.ts';
import { table } from './table.ts';

/**
 * How fast the client publishes, to a nats-server alone; and how many jobs a second go through the whole product, from the first submission
 * to the last result, against the instant mock provider.
 *
 * node test/bench/queue.ts --publish 200000 --jobs 20000 --in-flight 512,2048 --only publish,jobs
 */
const { values } = parseArgs({
  options: {
    publish: { type: 'string', default: '200000' },
    jobs: { type: 'string', default: '20000' },
    'in-flight': { type: 'string', default: '512,2048' },
    only: { type: 'string', default: 'publish,jobs' },
  },
});
const only = values.only.split(',');
const body = Buffer.from(
  JSON.stringify({ model: 'instant', messages: [{ role: 'user', content: 'Say hello to the bench.' }], max_tokens: 16 }),
);
const rows: string[][] = [];
if (only.includes('publish'))
  for (const inFlight of values['in-flight'].split(',')) rows.push(await publishRate(wholeNumber('in-flight', inFlight)));
if (only.includes('jobs')) rows.push(await throughput(wholeNumber('jobs', values.jobs)));
process.stdout.write(`${table(['measured', 'jobs', 'seconds', 'per second'], rows)}\n`);
process.exit(0);

function* requests(group: string, count: number): Generator<JobRequest> {
  for (let index = 0; index < count; index += 1) yield { group, id: `j${index}`, body };
}

async function publishRate(inFlight: number): Promise<string[]> {
  const nats = await startNats();
  const bus = await connectBus({ url: nats.url, name: 'bench', log: { info: () => undefined, warn: () => undefined } });
  await ensureTopology(bus);
  const client = await createQueueClient({ owner: ownerOfKey('sk-bench'), connection: { url: nats.url } });
  await client.submitMany(requests('warm', 20_000), { inFlight });
  const count = wholeNumber('publish', values.publish);
  const startedAt = performance.now();
  await client.submitMany(requests('rate', count), { inFlight });
  const seconds = (performance.now() - startedAt) / 1_000;
  await client.close();
  await bus.close();
  await nats.remove();
  return row(`publish, ${inFlight} in flight`, count, seconds);
}

async function throughput(count: number): Promise<string[]> {
  const provider = await startProvider();
  const headrace = await startHeadrace(provider);
  try {
    const { port, password } = JSON.parse(await readFile(headrace.natsCredentials, 'utf8')) as { port: number; password: string };
    const owner = createHash('sha256').update(headrace.key).digest('hex');
    const client = await createQueueClient({ owner, connection: { url: natsUrl({ port, user: BUS_OPERATOR, password }) } });
    await runJobs(client, 'warm', Math.min(count, 5_000));
    const startedAt = performance.now();
    const failed = await runJobs(client, 'rate', count);
    const seconds = (performance.now() - startedAt) / 1_000;
    if (failed > 0) throw new Error(`${failed} of ${count} jobs failed (${groupEndsSubject(owner, 'rate')})`);
    await client.close();
    const { waitedMs, requestsMetered, ledgerRows } = await headrace.settle();
    const isExact = waitedMs !== undefined && requestsMetered === ledgerRows;
    return row(`batch jobs through the product; ledger ${isExact ? 'exact' : 'NOT exact'}`, count, seconds);
  } finally {
    await headrace.stop();
    await provider.direct.stop();
  }
}

/** Returns how many did not succeed. */
async function runJobs(client: Awaited<ReturnType<typeof createQueueClient>>, group: string, count: number): Promise<number> {
  const submitting = client.submitMany(requests(group, count));
  const ids = new Set<string>();
  let failed = 0;
  for await (const { id, state } of client.results({ group })) {
    if (ids.has(id)) throw new Error(`two results of ${id}`);
    ids.add(id);
    if (state !== 'succeeded') failed += 1;
    if (ids.size === count) break;
  }
  await submitting;
  return failed;
}

function row(name: string, count: number, seconds: number): string[] {
  return [name, String(count), seconds.toFixed(2), Math.round(count / seconds).toLocaleString('en')];
}
