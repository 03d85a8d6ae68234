import { expect, test } from 'vitest';
import { parseConfig } from '../parse-config.ts';

function parse(text: string, env: Record<string, string> = {}) {
  return parseConfig(text, { file: 'config.yaml', env, providers: () => true });
}

function oneModel(model: string, lines: readonly string[]): string {
  const params = lines.map((line) => `      ${line}\n`).join('');
  return `model_list:\n  - model_name: m\n    litellm_params:\n      model: ${model}\n${params}`;
}

function settingsOf(model: string, lines: readonly string[]) {
  const [deployment] = parse(oneModel(model, lines), { AWS_KEY: 'secret' }).deployments;
  expect(deployment?.defaultParams).toEqual({});
  return deployment?.settings;
}

test('addresses and credentials never become body parameters, and stay references', () => {
  expect(settingsOf('bedrock/x', ['aws_access_key_id: os.environ/AWS_KEY', 'aws_region_name: eu-central-1'])).toEqual({
    aws_access_key_id: { env: 'AWS_KEY' },
    aws_region_name: { literal: 'eu-central-1' },
  });
  expect(settingsOf('vertex_ai/x', ['vertex_credentials: {type: service_account}'])).toEqual({
    vertex_credentials: { literal: '{"type":"service_account"}' },
  });
  expect(settingsOf('azure/x', ['api_version: 2024-10-21', 'tenant_id: 7'])).toEqual({
    api_version: { literal: '2024-10-21' },
    tenant_id: { literal: '7' },
  });
  expect(settingsOf('openai/x', ['client_secret: d'])).toEqual({});
});

test('one that the provider does not read is told about, with its place', () => {
  const warningsOf = (model: string): string => parse(oneModel(model, ['aws_region_name: eu-central-1'])).warnings.join('\n');
  expect(warningsOf('openai/x')).toContain('config.yaml:5: deployment "m": aws_region_name has no effect for the provider openai');
  expect(warningsOf('bedrock/x')).not.toContain('aws_region_name');
});

test('one whose variable is not set is told about', () => {
  const { warnings } = parse(oneModel('bedrock/x', ['aws_secret_access_key: os.environ/NOT_SET']));
  expect(warnings.join('\n')).toMatch(/aws_secret_access_key names the environment variable NOT_SET, which is not set/);
});

test('a provider’s other name gives its id', () => {
  const [deployment] = parse(oneModel('cohere_chat/command-a', [])).deployments;
  expect(deployment).toMatchObject({ provider: 'cohere', upstreamModel: 'command-a' });
});

test('a variable inside credentials that are written out is a mistake', () => {
  const text = oneModel('vertex_ai/x', ['vertex_credentials: {private_key: os.environ/KEY}']);
  expect(() => parse(text)).toThrow(/config\.yaml:5:27: names an environment variable inside credentials/);
});
