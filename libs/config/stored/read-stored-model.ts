import type { ModelRecord } from '#contracts';
import type { Deployment } from '../settings/deployment.ts';
import { createReading, type Environment } from '../reading.ts';
import { readModelList } from '../sections/read-model-list.ts';
import type { KnownProviders } from '../sections/split-model.ts';
import { teamGroup } from '../models/team-group.ts';
import { parseSource } from '../source/source-file.ts';
import { rootNode } from '../source/source-node.ts';
import { isSealed, SealError, type Sealing } from './sealing.ts';
import type { Credentials } from './open-credentials.ts';
import { mapSealed } from './secret-params.ts';

export interface ReadStoredOptions {
  readonly env: Environment;
  readonly providers: KnownProviders;
  readonly keyedProviders?: readonly string[] | undefined;
  /** `litellm_settings.drop_params`. */
  readonly dropParams: boolean;
  /** Opens its secrets; without it they stay sealed. */
  readonly sealing?: Sealing | undefined;
  /** This process calls providers: without a key for the secrets the model can't be used. */
  readonly needsSecrets?: boolean | undefined;
  /** What `litellm_credential_name` may name. */
  readonly credentials?: Credentials | undefined;
}

export interface StoredDeployments {
  readonly deployments: readonly Deployment[];
  /** As of the file: what is accepted without effect. */
  readonly warnings: readonly string[];
}

/** Where its problems are said to be: the paths in `ConfigProblem` begin with it. */
export const STORED_PATH = 'model_list[0]';

/**
 * A stored model as the deployments it stands for, by the same rules as an entry of `model_list`: its JSON is read as the YAML of a file with this one
 * entry. Throws `ConfigError` with everything that is wrong.
 */
export function readStoredModel(record: ModelRecord, options: ReadStoredOptions): StoredDeployments {
  const { params, unusable } = openParams(record, options);
  const name = record.teamId === undefined ? record.modelName : teamGroup(record.teamId, record.modelName);
  const entry = { model_name: name, litellm_params: params, model_info: { ...record.modelInfo, id: record.id } };
  const source = rootNode(parseSource(`model ${record.id}`, JSON.stringify({ model_list: [entry] }, undefined, 1)));
  const reading = createReading(options.env);
  const { providers, keyedProviders = [], dropParams, credentials } = options;
  const lists = source.entries().map(({ value }) => value);
  const read = readModelList(lists, { providers, keyedProviders, dropParams, credentials }, reading);
  reading.finish();
  const deployments = read.map((deployment) => ({
    ...deployment,
    isStored: true,
    teamId: record.teamId,
    unusable: unusable ?? deployment.unusable,
  }));
  return { deployments, warnings: reading.warnings() };
}

function openParams({ id, litellmParams }: ModelRecord, { sealing, needsSecrets }: ReadStoredOptions) {
  let unusable: string | undefined;
  const params = mapSealed(litellmParams, (text, place) => {
    try {
      if (sealing !== undefined) return sealing.open(text, sealedPlace(id, place));
      if (needsSecrets === true) unusable = 'no salt key is set here: HEADRACE_SALT_KEY';
    } catch (error) {
      if (!(error instanceof SealError)) throw error;
      unusable = `${place}: ${error.message}`;
    }
    return text;
  });
  return { params, unusable };
}

/** What a sealed secret is bound to. */
export function sealedPlace(id: string, place: string): string {
  return `model/${id}/${place}`;
}

/** Whether a text that came from outside pretends to be sealed: nobody but admin seals. */
export function hasSealed(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.values(value).some(hasSealed);
  return isSealed(value);
}
