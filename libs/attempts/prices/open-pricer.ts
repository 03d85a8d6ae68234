import { dirname, join, resolve } from 'node:path';
import { Gauge, type Registry } from 'prom-client';
import type { GatewayConfig, PriceSettings } from '#config';
import { createPricer, type PriceBook, type Pricer } from '#pricing';
import { fetchPublicText } from '#upstream';
import { hash } from 'node:crypto';
import { createBookHolder, type PriceLog } from './book-holder.ts';
import { watchPriceFile } from './watch-price-file.ts';
import { pollPriceUrl } from './poll-price-url.ts';

/** The part of a service that prices need; a `ServiceContext` has all of it. */
export interface PricingService {
  readonly settings: { readonly dataDir: string };
  readonly log: PriceLog;
  readonly metrics: Registry;
  readonly releases: { add(name: string, release: () => unknown): void };
  /** Called on SIGHUP. */
  readonly reloads: Set<() => void>;
}

const URL_TIMEOUT_MS = 30_000;

/**
 * The pricer of a configuration, with the price files it names: read before this resolves, and again when they change. A file that can't
 * be used never stops a service: the last good one is kept, else the catalogue counts.
 */
export async function openPricer(config: Pick<GatewayConfig, 'file' | 'prices'>, service: PricingService): Promise<Pricer> {
  const { prices } = config;
  if (prices === undefined) return createPricer();
  const holders = await openHolders(prices, config.file, service);
  let books: readonly PriceBook[] = [];
  const collect = (): void => {
    books = holders.flatMap((holder) => holder.book() ?? []);
  };
  for (const holder of holders) holder.onChange(collect);
  collect();
  return createPricer({ books: () => books, providerCost: prices.providerCost });
}

type Holder = ReturnType<typeof createBookHolder>;

/** The file before the address: what the operator keeps wins over what is published. */
async function openHolders(prices: PriceSettings, configFile: string | undefined, service: PricingService): Promise<readonly Holder[]> {
  const folder = join(service.settings.dataDir, 'prices');
  const gauges = holderGauges(service.metrics);
  const holders: Holder[] = [];
  if (prices.file !== undefined) {
    const path = resolve(dirname(configFile ?? '.'), prices.file);
    const holder = createBookHolder({
      source: 'file',
      name: path,
      copy: copyPath(folder, path),
      strict: true,
      log: service.log,
      ...gauges,
    });
    const watch = await watchPriceFile(path, holder);
    service.releases.add('price file', () => watch.stop());
    service.reloads.add(() => void watch.check());
    holders.push(holder);
  }
  if (prices.url !== undefined) {
    const { url, urlIntervalMs: intervalMs, urlMaxBytes: maxBytes } = prices;
    const holder = createBookHolder({ source: 'url', name: url, copy: copyPath(folder, url), strict: false, log: service.log, ...gauges });
    const fetchText = (): Promise<string> => fetchPublicText(url, { maxBytes, timeoutMs: URL_TIMEOUT_MS });
    const poll = await pollPriceUrl({ fetchText, intervalMs, now: Date.now }, holder);
    service.releases.add('price address', () => poll.stop());
    service.reloads.add(() => void poll.check());
    holders.push(holder);
  }
  return holders;
}

function copyPath(folder: string, name: string): string {
  return join(folder, `${hash('sha256', name).slice(0, 16)}.json`);
}

function holderGauges(registry: Registry) {
  const gauge = (name: string, help: string): Gauge<'source'> => {
    const known = registry.getSingleMetric(name);
    return known instanceof Gauge ? known : new Gauge({ name, help, labelNames: ['source'], registers: [registry] });
  };
  return {
    ok: gauge('headrace_price_file_ok', '1 while the prices last read from the file or address could be used, 0 while an older copy is'),
    models: gauge('headrace_price_file_models', 'Models priced by the file or address'),
  };
}
