import { expect, test } from 'vitest';
import type { ConfigRecord, ModelRecord } from '#contracts';
import { parseConfig } from '../parse-config.ts';
import { credentialPlace } from '../stored/open-credentials.ts';
import { createSealing } from '../stored/sealing.ts';
import { mapSecrets } from '../stored/secret-params.ts';
import { sealedPlace } from '../stored/read-stored-model.ts';
import { resolveSecret } from '../secret-ref.ts';
import { createLiveConfig } from './live-config.ts';

const FILE = `
model_list:
  - model_name: of-file
    litellm_params: { model: openai/gpt-4o, api_key: sk-file }
    model_info: { id: file-1 }
router_settings:
  num_retries: 1
  fallbacks: [{ of-file: [of-file] }]
`;
const providers = new Set(['openai', 'anthropic']);

function live(options: { readonly saltKey?: string; readonly needsSecrets?: boolean; readonly file?: string } = {}) {
  const problems: { name: string; message: string }[] = [];
  let now = 1_000;
  const created = createLiveConfig({
    load: (settings, credentials) => parseConfig(options.file ?? FILE, { file: 'config.yaml', env: {}, providers, settings, credentials }),
    stored: {
      env: {},
      providers,
      needsSecrets: options.needsSecrets,
      sealing: options.saltKey === undefined ? undefined : createSealing(options.saltKey),
    },
    onProblem: (problem) => void problems.push(problem),
    now: () => now,
  });
  return { live: created, problems, pass: (ms: number) => (now += ms) };
}

const model = (id: string, more: Partial<ModelRecord> = {}): ModelRecord => ({
  v: 1,
  kind: 'model',
  id,
  modelName: 'stored',
  litellmParams: { model: 'openai/gpt-4o-mini' },
  modelInfo: {},
  ...more,
});
const settings = (values: Record<string, unknown>): ConfigRecord => ({ v: 1, kind: 'settings', section: 'router_settings', values });

test('whoever holds config and models sees each change', () => {
  const { live: held } = live();
  const { config, models } = held;
  expect(models.resolve('stored')).toBeUndefined();
  held.apply([model('a'), model('b')]);
  expect(models.resolve('stored')?.deployments.map(({ id, isStored }) => [id, isStored])).toEqual([
    ['a', true],
    ['b', true],
  ]);
  expect(config.deployments.map(({ id }) => id)).toEqual(['file-1', 'a', 'b']);
  expect({ ...config }.deployments).toHaveLength(3);
  held.apply([model('b')]);
  expect(config.deployments.map(({ id }) => id)).toEqual(['file-1', 'b']);
});

test('who listens is told after the swap, until it stops', () => {
  const { live: held } = live();
  const seen: number[] = [];
  const stop = held.onChange(() => seen.push(held.config.deployments.length));
  held.apply([model('a')]);
  stop();
  held.apply([]);
  expect(seen).toEqual([2]);
});

test('a model that has not changed stays the same object, also one with a queue of its own', () => {
  const { live: held } = live();
  const limited = model('a', { litellmParams: { model: 'openai/gpt-4o', rpm: 10 } });
  held.apply([limited]);
  const [, before] = held.config.deployments;
  expect(before?.queue).toBe('a');
  held.apply([limited, model('b')]);
  expect(held.config.deployments[1]).toBe(before);
  held.apply([model('a', { litellmParams: { model: 'openai/gpt-4o', rpm: 20 } })]);
  expect(held.config.deployments[1]).not.toBe(before);
  expect(held.config.deployments[1]?.rpm).toBe(20);
});

test('a job finds the deployment it was planned with for a while after it is gone; new requests do not', () => {
  const { live: held, pass } = live();
  held.apply([model('a'), model('b')]);
  held.apply([model('b')]);
  expect(held.models.resolve('stored')?.deployments.map(({ id }) => id)).toEqual(['b']);
  expect(held.models.deployment('stored', 'a')?.upstreamModel).toBe('gpt-4o-mini');
  pass(16 * 60_000);
  expect(held.models.deployment('stored', 'a')).toBeUndefined();
});

test('a model that moved to another name is found under the old one by the jobs that have it', () => {
  const { live: held } = live();
  held.apply([model('a')]);
  held.apply([model('a', { modelName: 'renamed' })]);
  expect(held.models.resolve('stored')).toBeUndefined();
  expect(held.models.deployment('stored', 'a')?.id).toBe('a');
});

test('a pattern that is gone is found by the name that was asked for', () => {
  const { live: held } = live();
  held.apply([model('a', { modelName: 'any/*', litellmParams: { model: 'openai/*' } })]);
  held.apply([]);
  expect(held.models.deployment('any/thing', 'a')?.upstreamModel).toBe('thing');
});

test('a blocked model is shown and not used', () => {
  const { live: held } = live();
  held.apply([model('a', { blocked: true })]);
  expect(held.models.resolve('stored')).toBeUndefined();
  expect(held.config.blockedDeployments?.map(({ id }) => id)).toEqual(['a']);
});

test('one model that can not be read is left out and told, the others count', () => {
  const { live: held, problems } = live();
  held.apply([model('bad', { litellmParams: { model: 'nobody/x' } }), model('a')]);
  expect(held.config.deployments.map(({ id }) => id)).toEqual(['file-1', 'a']);
  expect(problems).toEqual([{ name: 'bad', message: expect.stringContaining('provider "nobody" is not known') }]);
});

test("a model with the id of one of the file's does not replace it", () => {
  const { live: held, problems } = live();
  held.apply([model('file-1')]);
  expect(held.models.resolve('of-file')?.deployments).toHaveLength(1);
  expect(held.models.resolve('stored')).toBeUndefined();
  expect(problems.map(({ name }) => name)).toEqual(['file-1']);
});

test('stored settings go before those of the file, by model where they are by model, and go away again', () => {
  const { live: held } = live();
  held.apply([settings({ num_retries: 5, fallbacks: { other: ['of-file'] }, model_group_alias: { quick: 'of-file' } })]);
  expect(held.config.router.numRetries).toBe(5);
  expect({ ...held.config.router.fallbacks }).toEqual({ 'of-file': ['of-file'], other: ['of-file'] });
  expect(held.models.resolve('quick')?.group).toBe('of-file');
  held.apply([]);
  expect(held.config.router.numRetries).toBe(1);
  expect(held.models.resolve('quick')).toBeUndefined();
});

test('settings that can not be read leave the last good ones', () => {
  const { live: held, problems } = live();
  held.apply([settings({ num_retries: 5 })]);
  held.apply([settings({ num_retries: 'many' })]);
  expect(held.config.router.numRetries).toBe(5);
  expect(problems[0]?.message).toContain('num_retries');
});

const SALT = 'the salt';
const sealed = (id: string): ModelRecord => {
  const sealing = createSealing(SALT);
  const params = mapSecrets(
    { model: 'openai/a', api_key: 'sk-secret', api_base: 'https://u:p@host.example/v1', extra_headers: { 'x-a': 'b' } },
    (text, place) => sealing.seal(text, sealedPlace(id, place)),
  );
  return model(id, { litellmParams: params });
};

test('a worker opens the secrets of a stored model', () => {
  const { live: held } = live({ saltKey: SALT, needsSecrets: true });
  held.apply([sealed('a')]);
  const [, deployment] = held.config.deployments;
  expect(resolveSecret(deployment?.apiKey, {})).toBe('sk-secret');
  expect(resolveSecret(deployment?.apiBase, {})).toBe('https://u:p@host.example/v1');
  expect(resolveSecret(deployment?.extraHeaders['x-a'], {})).toBe('b');
  expect(deployment?.unusable).toBeUndefined();
});

test('an ingress has the model without its secrets', () => {
  const { live: held, problems } = live();
  held.apply([sealed('a')]);
  const [, deployment] = held.config.deployments;
  expect(deployment?.unusable).toBeUndefined();
  expect(resolveSecret(deployment?.apiKey, {})).toBeUndefined();
  expect(JSON.stringify(deployment)).not.toMatch(/sk-secret|u:p@/);
  expect(problems).toEqual([]);
});

test.each([{ needsSecrets: true }, { needsSecrets: true, saltKey: 'another' }])(
  'a worker that can not open them uses the model for nothing and says why: %j',
  (options) => {
    const { live: held, problems } = live(options);
    held.apply([sealed('a'), model('b')]);
    expect(held.config.deployments.map(({ id, unusable }) => [id, unusable !== undefined])).toEqual([
      ['file-1', false],
      ['a', true],
      ['b', false],
    ]);
    expect(problems).toHaveLength(1);
    expect(problems[0]?.message).toMatch(/salt key/);
  },
);

const credential = (values: Record<string, unknown>): ConfigRecord => ({ v: 1, kind: 'credential', name: 'shared', values });
const BY_CREDENTIAL = FILE.replace(
  'router_settings:',
  `  - model_name: of-file-by-credential\n    litellm_params: { model: openai/gpt-4o, litellm_credential_name: shared }\n    model_info: { id: file-2 }\nrouter_settings:`,
);
const CREDENTIAL_SALT = 'a salt key that is long enough';
const sealedValues = (values: Record<string, unknown>) =>
  mapSecrets(values, (text, place) => createSealing(CREDENTIAL_SALT).seal(text, credentialPlace('shared', place)));
const keyOf = (held: ReturnType<typeof live>['live'], id: string) =>
  resolveSecret(held.config.deployments.find((deployment) => deployment.id === id)?.apiKey, {});

test('a credential gives stored models and those of the file what they do not say themselves, and its changes reach both', () => {
  const { live: held, problems } = live({ saltKey: CREDENTIAL_SALT, needsSecrets: true, file: BY_CREDENTIAL });
  const own = model('own', { litellmParams: { model: 'openai/a', api_key: 'sk-own', litellm_credential_name: 'shared' } });
  const taking = model('taking', { litellmParams: { model: 'openai/b', litellm_credential_name: 'shared' } });
  held.apply([credential(sealedValues({ api_key: 'sk-shared', api_base: 'https://shared.example.test' })), own, taking]);
  expect(['own', 'taking', 'file-2'].map((id) => keyOf(held, id))).toEqual(['sk-own', 'sk-shared', 'sk-shared']);
  expect(held.config.deployments.find(({ id }) => id === 'taking')?.apiBase).toEqual({ literal: 'https://shared.example.test' });
  const [before] = held.config.deployments;
  held.apply([credential(sealedValues({ api_key: 'sk-changed' })), own, taking]);
  expect(['own', 'taking', 'file-2'].map((id) => keyOf(held, id))).toEqual(['sk-own', 'sk-changed', 'sk-changed']);
  expect(problems).toEqual([]);
  expect(before?.id).toBe('file-1');
});

test('a model whose credential is not there, or was sealed with another key, is known and can not be called', () => {
  const { live: held, problems } = live({ saltKey: 'another salt key altogether', needsSecrets: true, file: BY_CREDENTIAL });
  const taking = model('taking', { litellmParams: { model: 'openai/b', litellm_credential_name: 'shared' } });
  const unusable = () => held.config.deployments.filter((one) => one.unusable !== undefined).map(({ id }) => id);
  expect(unusable()).toEqual(['file-2']);
  held.apply([taking]);
  expect(unusable()).toEqual(['file-2', 'taking']);
  held.apply([credential(sealedValues({ api_key: 'sk-shared' })), taking]);
  expect(unusable()).toEqual(['file-2', 'taking']);
  expect(problems.map(({ message }) => message)).toEqual([
    'there is no credential shared',
    expect.stringContaining('another salt key'),
    expect.stringContaining('another salt key'),
  ]);
});

test('a change of a credential leaves models alone that do not name it', () => {
  const { live: held } = live();
  const other = model('other');
  held.apply([credential({ api_base: 'https://one.example.test' }), other]);
  const before = held.config.deployments.find(({ id }) => id === 'other');
  held.apply([credential({ api_base: 'https://two.example.test' }), other]);
  expect(held.config.deployments.find(({ id }) => id === 'other')).toBe(before);
});
