import { Registry } from 'prom-client';
import { ERROR_CODES } from '#contracts';
import { type ProviderRecord, PROVIDERS } from '#providers';
import { KNOWN_LITELLM_PARAMS, litellmParamKind, type LitellmParamKind } from '../libs/config/keys/litellm-params.ts';
import {
  ALERTS_KEYS,
  PROMPT_CACHE_KEYS,
  HEADRACE_KEYS,
  LEDGER_KEYS,
  AUTO_GROUP_KEYS,
  AUTO_ROUTING_KEYS,
  HEDGING_KEYS,
  LANES_KEYS,
  POOL_KEYS,
  QUEUE_KEYS,
  GUARDRAIL_ENTRY_KEYS,
  GUARDRAIL_KEYS,
  GUARDRAILS_KEYS,
  IDEMPOTENCY_KEYS,
  MEDIA_KEYS,
  MODEL_ENTRY_KEYS,
  MODEL_GROUP_KEYS,
  PRICES_KEYS,
  RESPONSES_KEYS,
  ROUTING_KEYS,
  STREAMS_KEYS,
  TIMEOUTS_KEYS,
  SECTION_TABLES,
  TOP_LEVEL_KEYS,
} from '../libs/config/keys/sections.ts';
import { createAccountingMetrics } from '../services/accounting/metrics.ts';
import { registerQueueMetrics } from '../services/admin/queues/queue-metrics.ts';
import { createIngressMetrics } from '../services/ingress/metrics.ts';
import { createWorkerMetrics } from '../services/worker/metrics.ts';

/**
 * The parts of the documentation that are lists of what the code knows, as Markdown, by name. In a page they stand between
 * `<!-- generated:NAME … -->` and `<!-- /generated:NAME -->`.
 */
export const GENERATED_BLOCKS: Readonly<Record<string, () => string>> = {
  'config-keys': renderConfigKeys,
  'litellm-params': renderLitellmParams,
  errors: renderErrors,
  providers: renderProviders,
  metrics: renderMetrics,
};

/** The page with every block filled in anew. Throws for a block nobody generates, or one that is not closed. */
export function fillBlocks(page: string): string {
  const filled = page.replaceAll(/<!-- generated:([\w-]+)(.*?)-->\n[^]*?<!-- \/generated:\1 -->/g, (_all, name: string, note: string) => {
    const render = GENERATED_BLOCKS[name];
    if (render === undefined) throw new Error(`nothing generates the block ${name}`);
    return `<!-- generated:${name}${note}-->\n\n${render()}\n\n<!-- /generated:${name} -->`;
  });
  const [opened, closed] = [/<!-- generated:/g, /<!-- \/generated:/g].map((mark) => filled.match(mark)?.length ?? 0);
  if (opened !== closed) throw new Error('a generated block is not closed, or closed under another name');
  return filled;
}

function renderConfigKeys(): string {
  return [
    TOP_LEVEL_KEYS,
    MODEL_ENTRY_KEYS,
    ...SECTION_TABLES,
    HEADRACE_KEYS,
    ROUTING_KEYS,
    MEDIA_KEYS,
    PRICES_KEYS,
    POOL_KEYS,
    LANES_KEYS,
    QUEUE_KEYS,
    RESPONSES_KEYS,
    IDEMPOTENCY_KEYS,
    MODEL_GROUP_KEYS,
    STREAMS_KEYS,
    TIMEOUTS_KEYS,
    LEDGER_KEYS,
    ALERTS_KEYS,
    HEDGING_KEYS,
    AUTO_ROUTING_KEYS,
    AUTO_GROUP_KEYS,
    PROMPT_CACHE_KEYS,
    GUARDRAIL_ENTRY_KEYS,
    GUARDRAIL_KEYS,
    GUARDRAILS_KEYS,
  ]
    .map((table) => {
      const title = table.section === '' ? 'Top level' : `\`${table.section}\``;
      return [`### ${title}`, `Works: ${keyList(table.supported)}`, `Warning, no effect yet: ${keyList(table.ignored)}`].join('\n\n');
    })
    .join('\n\n');
}

function renderLitellmParams(): string {
  const ofKind = (kind: LitellmParamKind): string => keyList(KNOWN_LITELLM_PARAMS.filter((key) => litellmParamKind(key) === kind));
  return [
    '### `litellm_params`',
    `Works: ${ofKind('supported')}`,
    `Addresses and credentials, where the provider reads them: ${ofKind('setting')}`,
    `Sent to the provider where the client did not set it: ${ofKind('body')}`,
    `Warning, no effect yet: ${ofKind('ignored')}`,
  ].join('\n\n');
}

function renderErrors(): string {
  const rows = Object.entries(ERROR_CODES).map(([code, { status, type, retry }]) => [`\`${code}\``, String(status), `\`${type}\``, retry]);
  return renderTable(['code', 'status', 'type', 'another attempt'], rows);
}

function renderProviders(): string {
  const sorted = PROVIDERS.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const rows = sorted.map((provider) => [
    [provider.id, ...(provider.aliases ?? [])].map((name) => `\`${name}/\``).join(', '),
    provider.docsUrl === undefined ? provider.name : `[${provider.name}](${provider.docsUrl})`,
    [...new Set([provider.dialect, ...(provider.families ?? []).flatMap((family) => family.dialect ?? [])])].join(', '),
    provider.baseUrl ?? '`api_base`',
    provider.auth.kind === 'none' ? '–' : keyList([...provider.envKeys, ...(provider.envCredentials ?? [])]),
    operationsOf(provider),
    provider.hostConfidence === 'source' ? 'documented' : 'memory',
    provider.pricesAs === undefined ? 'no' : 'yes',
  ]);
  const documented = PROVIDERS.filter((provider) => provider.hostConfidence === 'source').length;
  const summary = `${PROVIDERS.length} providers; the hosts of ${documented} of them are documented, those of the others are from memory.`;
  const head = ['model', 'provider', 'formats', 'host', 'credentials from', 'beside chat', 'host is', 'prices known'];
  return `${summary}\n\n${renderTable(head, rows)}`;
}

function operationsOf({ operations = [], conversations }: ProviderRecord): string {
  const names = operations.map((operation) => operation.replace(/^(?:openai|cohere|anthropic)-/, '')).join(', ');
  if (conversations === false) return `${names}; no chat`;
  return names === '' ? '–' : names;
}

/** Names as the services register them; those of the Node process itself (`process_…`, `nodejs_…`) are left out. */
function renderMetrics(): string {
  const services = { ingress: createIngressMetrics, worker: createWorkerMetrics, accounting: registerAccounting, admin: registerAdmin };
  const rows = Object.entries(services).flatMap(([service, register]) => {
    const registry = new Registry();
    register(registry);
    return registry.getMetricsAsArray().map((metric) => [`\`${metric.name}\``, service, keyList(labelsOf(metric)), metric.help]);
  });
  return renderTable(['metric', 'service', 'labels', 'what it says'], rows);
}

function registerAdmin(registry: Registry): void {
  registerQueueMetrics(registry, { read: () => Promise.resolve([]) }, Date.now);
}

function registerAccounting(registry: Registry): void {
  createAccountingMetrics(registry, () => Promise.resolve(0));
}

/** `labelNames` is there on every metric, but not in prom-client's types. */
function labelsOf(metric: object): readonly string[] {
  return 'labelNames' in metric && Array.isArray(metric.labelNames) ? metric.labelNames.map(String) : [];
}

function keyList(keys: readonly string[]): string {
  return keys.length === 0 ? '–' : keys.map((key) => `\`${key}\``).join(', ');
}

function renderTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => '---'), ...rows].map(
    (cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`,
  );
  return lines.join('\n');
}
