import type { GatewayConfig } from './gateway-config.ts';
import { GENERAL_KEYS, HEADRACE_KEYS, LITELLM_KEYS, ROUTER_KEYS, TOP_LEVEL_KEYS } from './keys/sections.ts';
import { assignQueues } from './models/assign-queues.ts';
import { createModelIndex } from './models/model-index.ts';
import { createReading, type Environment, type Reading } from './reading.ts';
import { reviewConfig } from './review-config.ts';
import { readAccess } from './sections/read-access.ts';
import { readAlerts } from './sections/read-alerts.ts';
import { readCache } from './sections/read-cache.ts';
import { readAutoRouting } from './sections/read-auto-routing.ts';
import { readBudgets } from './sections/read-budgets.ts';
import { readKeyRules } from './sections/read-key-rules.ts';
import { readEnvironment } from './sections/read-environment.ts';
import { readGeneral, readLitellm } from './sections/read-general.ts';
import { readGuardrails } from './sections/guardrails/read-guardrails.ts';
import { readHealth } from './sections/read-health.ts';
import { readIdempotency } from './sections/read-idempotency.ts';
import { readLedger } from './sections/read-ledger.ts';
import { readPromptCache } from './sections/read-prompt-cache.ts';
import { readPrompts } from './sections/read-prompts.ts';
import { readMedia } from './sections/read-media.ts';
import { readBatches } from './sections/read-batches.ts';
import { readModelGroups } from './sections/read-model-groups.ts';
import { readModelList } from './sections/read-model-list.ts';
import { readPriceSettings } from './sections/read-price-settings.ts';
import { readQueueing } from './sections/read-queueing.ts';
import { readJobs } from './sections/read-jobs.ts';
import { readResponses } from './sections/read-responses.ts';
import { readRouter } from './sections/read-router.ts';
import { readRouting } from './sections/read-routing.ts';
import { readHedging } from './sections/read-hedging.ts';
import { readStreams } from './sections/read-streams.ts';
import { readSection, supportedEntries } from './sections/read-section.ts';
import type { KnownProviders } from './sections/split-model.ts';
import type { Credentials } from './stored/open-credentials.ts';
import { withStoredSettings, type StoredSettings } from './stored/stored-settings.ts';
import { parseSource, type SourceFile } from './source/source-file.ts';
import { rootNode, type SourceNode } from './source/source-node.ts';
import { readTextList } from './values.ts';

export interface ParseOptions {
  /** The file's name for messages and for `GatewayConfig.file`. */
  readonly file: string;
  readonly env: Environment;
  readonly providers: KnownProviders;
  /** Providers whose usual API key is in the environment: what `model: "*"` stands for. */
  readonly keyedProviders?: readonly string[] | undefined;
  /** The text of a file named by `include`. Throws `ConfigError` when it can't be read. */
  readonly readInclude?: ((include: string, from: string) => SourceText) | undefined;
  /** Set over HTTP: they go before those of the file. */
  readonly settings?: StoredSettings | undefined;
  /** Made over HTTP: what `litellm_credential_name` may name. */
  readonly credentials?: Credentials | undefined;
}

export interface SourceText {
  readonly name: string;
  readonly text: string;
}

export interface ParsedConfig {
  readonly config: GatewayConfig;
  /** `environment_variables` that the environment does not set. */
  readonly variables: Readonly<Record<string, string>>;
}

/** Reads a LiteLLM `config.yaml`. Pure. Throws `ConfigError` with everything that is wrong. */
export function parseConfig(text: string, options: ParseOptions): GatewayConfig {
  return parseConfigText(text, options).config;
}

export function parseConfigText(text: string, options: ParseOptions): ParsedConfig {
  const main = parseSource(options.file, text);
  const files = [main, ...includedFiles(main, options, new Set([main.name]))];
  const collected = collectSections(files, createReading(options.env));
  const sections = { ...collected, nodes: withStoredSettings(collected.nodes, options.settings) };
  const variables = readEnvironment(sections.nodes('environment_variables'), options.env, sections.reading);
  // The rest is read as if these variables had been set all along.
  const reading: Reading = { ...sections.reading, env: { ...options.env, ...variables } };
  const config = readSections(sections.nodes, variables, options, reading);
  reading.finish();
  const reviewed = reviewConfig(config);
  return { config: { ...config, warnings: [...reading.warnings(), ...reviewed] }, variables };
}

interface Sections {
  readonly reading: Reading;
  nodes(section: string): readonly SourceNode[];
}

function collectSections(files: readonly SourceFile[], reading: Reading): Sections {
  const entries = supportedEntries(files.map(rootNode), TOP_LEVEL_KEYS, reading);
  return { reading, nodes: (section) => entries.filter((entry) => entry.key === section).map((entry) => entry.value) };
}

function readSections(
  nodes: Sections['nodes'],
  variables: Readonly<Record<string, string>>,
  options: ParseOptions,
  reading: Reading,
): GatewayConfig {
  const litellmFields = readSection(nodes('litellm_settings'), LITELLM_KEYS, reading);
  const routerFields = readSection(nodes('router_settings'), ROUTER_KEYS, reading);
  const generalFields = readSection(nodes('general_settings'), GENERAL_KEYS, reading);
  const headraceFields = readSection(nodes('headrace'), HEADRACE_KEYS, reading);
  const litellm = readLitellm(litellmFields, generalFields, reading);
  const { providers, keyedProviders = [], credentials } = options;
  const [pools, lanes, queue] = [headraceFields.get('pools'), headraceFields.get('lanes'), headraceFields.get('queue')];
  const queueing = readQueueing({ pools, lanes, queue }, reading);
  const deployments = assignQueues(
    readModelList(nodes('model_list'), { providers, keyedProviders, dropParams: litellm.dropParams, credentials }, reading),
    queueing.concurrency,
  );
  const router = readRouter(routerFields, litellmFields, reading);
  return {
    file: options.file,
    deployments,
    router,
    queueing,
    routing: readRouting(routerFields, headraceFields.get('routing'), reading),
    health: readHealth(routerFields, litellmFields, generalFields, reading),
    general: readGeneral(generalFields, variables, reading),
    access: readAccess(generalFields, reading),
    litellm,
    media: readMedia(headraceFields.get('media'), reading),
    responses: readResponses(headraceFields.get('responses'), reading),
    idempotency: readIdempotency(headraceFields.get('idempotency'), reading),
    jobs: readJobs(headraceFields.get('jobs'), reading),
    batches: readBatches(headraceFields.get('batches'), reading),
    modelGroups: readModelGroups(headraceFields.get('model_groups'), reading),
    streams: readStreams(headraceFields.get('streams'), headraceFields.get('timeouts'), reading),
    ledger: readLedger(headraceFields.get('ledger'), generalFields, reading),
    prompts: readPrompts(headraceFields.get('prompts'), { general: generalFields, litellm: litellmFields }, reading),
    alerts: readAlerts(headraceFields.get('alerts'), generalFields, reading),
    autoRouting: readAutoRouting(headraceFields.get('auto_routing'), reading),
    promptCache: readPromptCache(headraceFields.get('prompt_cache'), reading),
    hedging: readHedging(headraceFields.get('hedging'), reading),
    guardrails: readGuardrails(nodes('guardrails'), headraceFields.get('guardrails'), reading),
    prices: readPriceSettings(headraceFields.get('prices'), litellmFields, reading),
    budgets: readBudgets(
      { budgets: headraceFields.get('budgets'), exceededStatus: headraceFields.get('budget_exceeded_status') },
      { router: routerFields, litellm: litellmFields, general: generalFields },
      reading,
    ),
    cache: readCache(headraceFields.get('cache'), { litellm: litellmFields, models: createModelIndex({ deployments, router }) }, reading),
    keys: readKeyRules(litellmFields, generalFields, reading),
    warnings: [],
  };
}

/** The files named by `include`, and theirs; each once, so that a circle ends. */
function includedFiles(from: SourceFile, options: ParseOptions, seen: Set<string>): readonly SourceFile[] {
  const { readInclude } = options;
  const include = rootNode(from)
    .entries()
    .find((entry) => entry.key === 'include');
  if (include === undefined || readInclude === undefined) return [];
  const reading = createReading(options.env);
  const names = readTextList(include.value, reading) ?? [];
  reading.finish();
  return names.flatMap((name) => {
    const source = readInclude(name, from.name);
    if (seen.has(source.name)) return [];
    seen.add(source.name);
    const file = parseSource(source.name, source.text);
    return [file, ...includedFiles(file, options, seen)];
  });
}
