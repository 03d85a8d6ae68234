import type { ConfigRecord, CredentialRecord, HoldRecord, ModelRecord, SettingsRecord } from '#contracts';
import { ConfigError } from '../config-error.ts';
import type { Deployment } from '../settings/deployment.ts';
import type { GatewayConfig } from '../gateway-config.ts';
import { assignQueues } from '../models/assign-queues.ts';
import { createModelIndex, type ModelIndex } from '../models/model-index.ts';
import { type Credentials, openCredentials } from '../stored/open-credentials.ts';
import type { ConfigLoader } from '../load-config.ts';
import { readStoredModel, type ReadStoredOptions } from '../stored/read-stored-model.ts';
import type { StoredSettings } from '../stored/stored-settings.ts';
import { createRetiredModels } from './retired-models.ts';

/**
 * The configuration of a running process: that of the file, joined with what is stored. `config` and `models` are the same two objects for ever; what
 * they give is as it is at that moment, so whoever holds them sees each change. To keep something over an `await`, keep what was read.
 */
export interface LiveConfig {
  readonly config: GatewayConfig;
  readonly models: ModelIndex;
  /** Swaps in the stored records, all of them. One that can't be read here is left out, and told. */
  apply(records: Iterable<ConfigRecord>): void;
  /** Called after each swap. Returns its end. */
  onChange(listener: () => void): () => void;
}

export interface LiveConfigOptions {
  /** The file's configuration, with these settings before its own. Throws `ConfigError`. */
  readonly load: ConfigLoader;
  readonly stored: Omit<ReadStoredOptions, 'dropParams' | 'credentials'>;
  /** `name` is of the model or section. Never holds a secret. */
  readonly onProblem: (problem: { readonly name: string; readonly message: string }) => void;
  readonly now: () => number;
}

export function createLiveConfig(options: LiveConfigOptions): LiveConfig {
  const settings = createSettingsReader(options);
  const readModel = createModelReader(options);
  const join = createJoin(options);
  const retired = createRetiredModels(options.now);
  const listeners = new Set<() => void>();
  let current = settings([], { records: [], opened: new Map() });
  let index = createModelIndex(current);
  const config = facadeOf(() => current);

  return {
    config: config.facade,
    models: {
      resolve: (name) => index.resolve(name),
      deployment: (group, id) => index.deployment(group, id) ?? retired.deployment(group, id),
      teamGroup: (teamId, name) => index.teamGroup(teamId, name),
      list: () => index.list(),
    },
    apply(records) {
      const all = [...records];
      const credentials = all.filter((record) => record.kind === 'credential');
      const opened = openCredentials(credentials, options.stored);
      const base = settings(
        all.filter((record) => record.kind === 'settings'),
        { records: credentials, opened },
      );
      const next = join(
        base,
        readModel(
          all.filter((record) => record.kind === 'model'),
          base,
          { records: credentials, opened },
        ),
        all.filter((record) => record.kind === 'hold'),
      );
      const nextIndex = createModelIndex(next);
      if (hasLost(current.deployments, nextIndex)) retired.retire(index);
      current = next;
      index = nextIndex;
      config.cover(next);
      for (const listener of listeners) listener();
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

interface StoredCredentials {
  readonly records: readonly CredentialRecord[];
  readonly opened: Credentials;
}

type ReadSettings = (records: readonly SettingsRecord[], credentials: StoredCredentials) => GatewayConfig;

/** Reads the file anew only when stored settings, or credentials that it names, have changed; keeps the last good one. */
function createSettingsReader({ load, onProblem }: LiveConfigOptions): ReadSettings {
  let good = load();
  const named = new Set(good.deployments.map(({ credential }) => credential));
  let loadedWith = '{}[]';
  return (records, { records: credentials, opened }) => {
    const settings: StoredSettings = Object.fromEntries(records.map(({ section, values }) => [section, values]));
    const text = JSON.stringify(settings) + JSON.stringify(credentials.filter(({ name }) => named.has(name)));
    if (text === loadedWith) return good;
    loadedWith = text;
    try {
      good = load(settings, opened);
      for (const { id, unusable } of good.deployments) if (unusable !== undefined) onProblem({ name: id, message: unusable });
    } catch (error) {
      onProblem({ name: Object.keys(settings).join(', '), message: messageOf(error) });
    }
    return good;
  };
}

interface ReadModel {
  readonly record: ModelRecord;
  readonly deployments: readonly Deployment[];
}

/** A model that has not changed keeps its deployments, and with them all that is remembered of these objects. */
function createModelReader({ stored, onProblem }: LiveConfigOptions) {
  let known = new Map<string, { readonly text: string; readonly deployments: readonly Deployment[] }>();
  return (records: readonly ModelRecord[], { litellm }: GatewayConfig, credentials: StoredCredentials): ReadModel[] => {
    const options = { ...stored, dropParams: litellm.dropParams, credentials: credentials.opened };
    const next: typeof known = new Map();
    for (const record of records) {
      const credential = credentials.records.find(({ name }) => name === record.litellmParams['litellm_credential_name']);
      const text = `${litellm.dropParams} ${JSON.stringify([{ ...record, blocked: false }, credential])}`;
      const before = known.get(record.id);
      next.set(record.id, before?.text === text ? before : { text, deployments: read(record, options) });
    }
    known = next;
    return records.map((record) => ({ record, deployments: known.get(record.id)?.deployments ?? [] }));
  };

  function read(record: ModelRecord, options: ReadStoredOptions): readonly Deployment[] {
    try {
      const { deployments } = readStoredModel(record, options);
      const unusable = deployments.find((deployment) => deployment.unusable !== undefined)?.unusable;
      if (unusable !== undefined) onProblem({ name: record.id, message: unusable });
      return deployments;
    } catch (error) {
      onProblem({ name: record.id, message: messageOf(error) });
      return [];
    }
  }
}

/** The file's deployments first; of two of one id the file's. */
function createJoin({ onProblem }: LiveConfigOptions) {
  // what is remembered of a deployment hangs on its object: it stays the same while nothing about it changes
  const queued = new WeakMap<Deployment, Deployment>();
  return (base: GatewayConfig, models: readonly ReadModel[], holds: readonly HoldRecord[]): GatewayConfig => {
    const ids = new Set(base.deployments.map(({ id }) => id));
    const free = models.filter(({ deployments }) => deployments.every(({ id }) => !ids.has(id)));
    for (const { record } of models) {
      if (ids.has(record.id)) onProblem({ name: record.id, message: 'the file has a deployment of this id, which counts' });
    }
    const own = free.filter(({ record }) => record.blocked !== true).flatMap(({ deployments }) => deployments);
    const all = [...base.deployments, ...own];
    const assigned = assignQueues(
      all.map((deployment) => queued.get(deployment) ?? deployment),
      base.queueing.concurrency,
    );
    for (const [at, deployment] of assigned.entries()) queued.set(all[at] ?? deployment, deployment);
    const blocked = free.filter(({ record }) => record.blocked === true).flatMap(({ deployments }) => deployments);
    return { ...base, deployments: assigned, blockedDeployments: blocked, holds };
  };
}

function hasLost(deployments: readonly Deployment[], next: ModelIndex): boolean {
  return deployments.some(({ modelGroup, id }) => {
    // of a pattern its own name is one that fits it
    return next.deployment(modelGroup, id) === undefined;
  });
}

/** Without the lines at fault: in a worker they are those of opened secrets. */
function messageOf(error: unknown): string {
  if (!(error instanceof ConfigError)) return String(error);
  return error.problems
    .map(({ path, message, suggestion }) => `${path}: ${message}${suggestion === undefined ? '' : ` (${suggestion})`}`)
    .join('; ');
}

/** One object for all times, whose fields are those of the present configuration: reading one costs a call that is inlined. */
function facadeOf(current: () => GatewayConfig) {
  const facade = {};
  const cover = (config: GatewayConfig): void => {
    for (const key of keysOf(config)) {
      if (!Object.hasOwn(facade, key)) Object.defineProperty(facade, key, { enumerable: true, get: () => current()[key] });
    }
  };
  cover(current());
  // its fields were just defined from a whole configuration
  return { facade: facade as GatewayConfig, cover };
}

function keysOf(config: GatewayConfig): (keyof GatewayConfig)[] {
  return Object.keys(config) as (keyof GatewayConfig)[];
}
