import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { awsFrame } from '../conformance/aws-frame.ts';
import { CLIENT_FIXTURES, PROVIDER_FIXTURES } from '../conformance/fixtures.ts';
import type { NeutralAnswer, NeutralRequest, ProviderFixture } from '../conformance/neutral.ts';
import { openaiChatProvider } from '../conformance/providers/openai-chat.ts';
import { sagemakerInvokeProvider } from '../conformance/providers/openai-hosts.ts';
import { bodyOf, can, open, openWith, type Pair } from '../conformance/run-exchange.ts';
import { table } from './table.ts';

/**
 * What a translation costs the worker, for every client format and provider format: microseconds for each piece of a stream as
 * the provider sends it, and milliseconds to make the provider's request from a body of 500 kB.
 *
 * npm run bench:dialects -- --chunks 2000 --rounds 5 --json out.json
 */
const { values } = parseArgs({
  options: { chunks: { type: 'string', default: '2000' }, rounds: { type: 'string', default: '5' }, json: { type: 'string' } },
});
const CHUNKS = Number(values.chunks);
const ROUNDS = Number(values.rounds);
const BODY_BYTES = 500_000;
const CHUNK_LIMIT_US = 20;
const REQUEST_LIMIT_MS = 10;

const ASK: NeutralRequest = { model: 'm', system: 'Be brief.', turns: [{ role: 'user', text: 'Tell me a story' }], maxTokens: 4096 };
const USAGE = { input: 120, cached: 20, output: 30 };

interface Row {
  readonly client: string;
  readonly provider: string;
  readonly microsPerChunk: number | undefined;
  readonly millisPerRequest: number;
}

const rows: Row[] = [];
for (const client of CLIENT_FIXTURES) {
  for (const provider of PROVIDER_FIXTURES) rows.push(measurePair({ client, provider }));
}
report(rows);
if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(rows, undefined, 2)}\n`);

function measurePair(pair: Pair): Row {
  return {
    client: pair.client.dialect,
    provider: pair.provider.dialect,
    microsPerChunk: can(pair, 'stream') ? best(() => streamMicros(pair)) : undefined,
    millisPerRequest: best(() => requestMillis(pair)),
  };
}

/** The fastest round: the others had the machine's noise in them. */
function best(measure: () => number): number {
  let fastest = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round += 1) fastest = Math.min(fastest, measure());
  return fastest;
}

/** A stream of `CHUNKS` text deltas, a network read each, with the decoder's opening and end in it. */
function streamMicros(pair: Pair): number {
  const units = longStream(pair);
  const exchange = open(pair, ASK, true);
  const startedAt = performance.now();
  const decoder = exchange.openStream();
  for (const unit of units) {
    const { error } = decoder.push(unit);
    if (error) throw error;
  }
  const last = decoder.end();
  if (last.error) throw last.error;
  return ((performance.now() - startedAt) * 1_000) / units.length;
}

/** The fixture's units for one piece of text, that piece repeated. */
function longStream({ provider }: { readonly provider: ProviderFixture }): readonly Uint8Array[] {
  // its frames cut the events anywhere: whole ones here, so that a unit is a piece of text everywhere
  if (provider === sagemakerInvokeProvider)
    return longStream({ provider: openaiChatProvider }).map((unit) => awsFrame('PayloadPart', unit));
  const answer: NeutralAnswer = { text: 'word 42 ', finish: 'stop', usage: USAGE };
  const units = provider.stream(answer);
  const middle = units.findIndex((unit) => Buffer.from(unit).toString().includes('42 ') || Buffer.from(unit).toString().includes('word'));
  const at = Math.max(0, middle);
  const piece = units[at];
  if (piece === undefined) throw new Error('no unit to repeat');
  return [...units.slice(0, at), ...Array.from({ length: CHUNKS }, () => piece), ...units.slice(at + 1)];
}

/** Fifty turns of 10 kB, read from bytes and written to bytes. */
function requestMillis(pair: Pair): number {
  const text = 'The quick brown fox "jumps" over\n'.repeat(BODY_BYTES / 50 / 33);
  const user = { role: 'user', text } as const;
  const turns = Array.from({ length: 50 }, (_, index) => (index % 2 === 0 ? user : ({ role: 'assistant', text } as const)));
  const request = { ...ASK, turns: [...turns, user].slice(0, 51) };
  const body = bodyOf(pair, request);
  const startedAt = performance.now();
  openWith(pair, body, false);
  return performance.now() - startedAt;
}

function report(all: readonly Row[]): void {
  const cells = all.map(({ client, provider, microsPerChunk, millisPerRequest }) => [
    client,
    provider,
    microsPerChunk === undefined ? '–' : microsPerChunk.toFixed(1),
    millisPerRequest.toFixed(1),
  ]);
  process.stdout.write(`\n${table(['client', 'provider', 'µs per chunk', 'ms for 500 kB'], cells)}\n`);
  const over = all.filter((row) => (row.microsPerChunk ?? 0) > CHUNK_LIMIT_US || row.millisPerRequest > REQUEST_LIMIT_MS);
  for (const row of over)
    process.stdout.write(`above the limit (${CHUNK_LIMIT_US} µs, ${REQUEST_LIMIT_MS} ms): ${row.client} → ${row.provider}\n`);
}
