import { createWriteStream, openAsBlob } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { inputLine } from '../integration/support/batches.ts';
import { type BatchStage, startBatchStage } from '../support/batch-stage.ts';
import { wholeNumber } from './bench-options.ts';
import { table } from './table.ts';

/**
 * The largest batch there may be, from upload to output: how long each step takes, and the most memory that each process had.
 *
 * node test/bench/batch-size.ts --lines 50000 --megabytes 199
 */
const { values } = parseArgs({ options: { lines: { type: 'string', default: '50000' }, megabytes: { type: 'string', default: '199' } } });
const lines = wholeNumber('lines', values.lines);
const lineBytes = Math.floor((wholeNumber('megabytes', values.megabytes) * 1024 * 1024) / lines);
const folder = await mkdtemp(join(tmpdir(), 'headrace-batch-'));
const stage = await startBatchStage({ firstTokenMs: 1 });
const startedAt = performance.now();
const rows: string[][] = [];
const STEPS = ['validating', 'in_progress', 'finalizing', 'completed'];
try {
  await note('started', stage);
  const file = await upload(stage);
  await note('uploaded', stage);
  const { id } = await stage.client.batches.create({ input_file_id: file, endpoint: '/v1/chat/completions', completion_window: '24h' });
  for (const status of ['in_progress', 'finalizing', 'completed']) {
    await until(id, status, stage);
    await note(status, stage);
  }
  process.stdout.write(`${table(['step', 'seconds since the start', 'batches MB', 'ingress MB', 'worker MB'], rows)}\n`);
} finally {
  await stage.stop();
  await rm(folder, { recursive: true, force: true });
}
process.exit(0);

async function upload({ headrace, client }: BatchStage): Promise<string> {
  const path = join(folder, 'input.jsonl');
  await pipeline(Readable.from(inputLines()), createWriteStream(path));
  const form = new FormData();
  form.set('purpose', 'batch');
  form.set('file', await openAsBlob(path), 'input.jsonl');
  const answer = await fetch(`${headrace.url}/v1/files`, {
    method: 'POST',
    headers: { authorization: `Bearer ${client.apiKey}` },
    body: form,
  });
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  const { id, bytes } = (await answer.json()) as { readonly id: string; readonly bytes: number };
  process.stderr.write(`${bytes} bytes\n`);
  return id;
}

function* inputLines(): Generator<string> {
  const empty = inputLine('line-00000', { model: 'agent', user: 'x', metadata: { text: '' } }).length + 1;
  const text = 'x'.repeat(Math.max(0, lineBytes - empty));
  for (let at = 0; at < lines; at += 1) yield `${inputLine(`line-${at}`, { model: 'agent', user: `line-${at}`, metadata: { text } })}\n`;
}

async function until(id: string, status: string, { client }: BatchStage): Promise<void> {
  for (;;) {
    const batch = await client.batches.retrieve(id);
    if (batch.status === 'failed') throw new Error(JSON.stringify(batch.errors));
    if (STEPS.indexOf(batch.status) >= STEPS.indexOf(status)) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function note(step: string, { headrace }: BatchStage): Promise<void> {
  const peaks = await Promise.all((['batches', 'ingress', 'worker'] as const).map(async (name) => peakOf((await headrace.pids(name))[0])));
  rows.push([step, ((performance.now() - startedAt) / 1_000).toFixed(1), ...peaks]);
}

/** The most it ever had (Linux). */
async function peakOf(pid: number | undefined): Promise<string> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return (Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) / 1024).toFixed(0);
}
