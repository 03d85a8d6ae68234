import { mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { PriceSettings } from '#config';
import { NO_USAGE } from '#contracts';
import { createTempFolder, waitFor } from '#testing';
import { openPricer, type PricingService } from './open-pricer.ts';

let folder: Awaited<ReturnType<typeof createTempFolder>>;
let service: PricingService;
let stop: () => void;
let errors: Record<string, unknown>[];

beforeEach(async () => {
  folder = await createTempFolder();
  errors = [];
  const releases: (() => unknown)[] = [];
  stop = () => releases.splice(0).forEach((release) => release());
  service = {
    settings: { dataDir: join(folder.path, 'data') },
    log: { info: () => undefined, warn: () => undefined, error: (fields) => void errors.push(fields as Record<string, unknown>) },
    metrics: new Registry(),
    releases: { add: (_name, release) => void releases.push(release) },
    reloads: new Set(),
  };
});
afterEach(async () => {
  stop();
  await folder.remove();
});

const AT = new Date('2026-11-20T12:00:00Z');
const deployment = { prices: undefined, pricesAs: undefined, provider: 'openai', upstreamModel: 'm', baseModel: undefined };
const settings: PriceSettings = {
  file: 'prices.json',
  url: undefined,
  urlIntervalMs: 1,
  urlMaxBytes: 1,
  providerCost: 'last',
  costInStreams: false,
};
const prices = (usd: number) => JSON.stringify({ m: { litellm_provider: 'openai', input_cost_per_token: usd, output_cost_per_token: 0 } });
const put = (text: string) => writeFile(join(folder.path, 'prices.json'), text);

async function open() {
  const pricer = await openPricer({ file: join(folder.path, 'config.yaml'), prices: settings }, service);
  const cost = () => pricer.price({ deployment, usage: { ...NO_USAGE, inputTokens: 1 }, at: AT });
  const becomes = (usd: string) => waitFor(() => cost().cost?.totalUsd === usd, { what: `the price ${usd}` });
  return { cost, becomes };
}

const metric = async (): Promise<string> => service.metrics.metrics();

test('a changed file counts at once, a broken one in between changes nothing and is told of with its line', async () => {
  await put(prices(1));
  const { cost, becomes } = await open();
  expect(cost()).toMatchObject({ source: 'file', cost: { totalUsd: '1' } });
  expect(await metric()).toContain('headrace_price_file_ok{source="file"} 1');

  await put('{\n"m": {"input_cost_per_token": -1},\n"n": {"input_cost_per_token": 1}}');
  await waitFor(() => errors.length > 0, { what: 'the error' });
  expect(errors[0]?.['problems']).toEqual([expect.stringMatching(/prices\.json:2: "m": input_cost_per_token must be a price/)]);
  expect(await metric()).toContain('headrace_price_file_ok{source="file"} 0');
  expect(cost().cost?.totalUsd).toBe('1');

  await put(prices(2));
  await becomes('2');
  await waitFor(async () => (await metric()).includes('headrace_price_file_ok{source="file"} 1'), { what: 'the metric' });
});

test('a file put in the place of the old one is noticed', async () => {
  await put(prices(1));
  const { cost, becomes } = await open();
  await writeFile(join(folder.path, 'next.json'), prices(3));
  await rename(join(folder.path, 'next.json'), join(folder.path, 'prices.json'));
  await becomes('3');
  expect(cost().source).toBe('file');
});

test('a reload reads the file without waiting for a sign of change', async () => {
  const { cost, becomes } = await open();
  expect(cost().source).toBe('unknown');
  expect(errors).toHaveLength(1);
  for (const reload of service.reloads) reload();
  await waitFor(() => errors.length === 2, { what: 'the second try' });
  await put(prices(4));
  await becomes('4');
});

test('a start with a broken file takes the last good copy of the same file', async () => {
  await put(prices(5));
  await open();
  stop();
  await put('{');
  const { cost } = await open();
  expect(cost().cost?.totalUsd).toBe('5');
  expect(await metric()).toContain('headrace_price_file_ok{source="file"} 0');
});

test('a data folder that can’t be written costs the copy and nothing else', async () => {
  await mkdir(folder.path, { recursive: true });
  await writeFile(service.settings.dataDir, 'a file where a folder should be');
  await put(prices(6));
  const { cost } = await open();
  expect(cost().cost?.totalUsd).toBe('6');
});

test('without a price file nothing is read, written or watched', async () => {
  const pricer = await openPricer({ file: undefined, prices: { ...settings, file: undefined } }, service);
  expect(pricer.source(deployment, AT)).toBe('unknown');
  expect(service.reloads.size).toBe(0);
  expect(await readdir(folder.path)).toEqual([]);
});
