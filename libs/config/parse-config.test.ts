import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ConfigError } from './config-error.ts';
import { parseConfig, type ParseOptions } from './parse-config.ts';

const PROVIDERS = new Set(['openai', 'anthropic', 'sandbox', 'groq', 'openrouter']);

function parse(text: string, options: Partial<ParseOptions> = {}) {
  return parseConfig(text, { file: 'config.yaml', env: {}, providers: PROVIDERS, ...options });
}

function fixture(name: string): string {
  return readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8');
}

function oneModel(params: string, rest = ''): string {
  return `model_list:\n  - model_name: m\n    litellm_params:\n      model: openai/gpt-4o\n${params}${rest}`;
}

const ENV = { CLAUDE_RPM: '50', ALREADY_SET: 'from the environment', TEAM_HEADER: 'agents', OPENAI_API_KEY: 'sk-x' };

describe('configurations that people have', () => {
  test('three agents with a model each and cost_per_token', () => {
    const config = parse(fixture('agents.yaml'));
    expect(config.deployments.map((deployment) => [deployment.modelGroup, deployment.provider, deployment.upstreamModel])).toEqual([
      ['agent-planner', 'anthropic', 'claude-sonnet-4'],
      ['agent-executor', 'openai', 'gpt-4o-mini'],
      ['agent-summarizer', 'openai', 'hosted_vllm/llama-3.3-70b'],
    ]);
    expect(config.deployments[1]?.prices).toMatchObject({ inputUsd: '0.00000015', outputUsd: '0.00000015' });
    expect(config.deployments[2]?.apiBase).toEqual({ literal: 'http://vllm.internal:8000/v1' });
    expect(config.deployments.every((deployment) => deployment.dropParams)).toBe(true);
    expect(config.general.masterKey).toEqual({ env: 'LITELLM_MASTER_KEY' });
  });

  test('one model name over two keys, with retries and a fallback', () => {
    const config = parse(fixture('two-keys.yaml'));
    expect(config.deployments.map((deployment) => [deployment.modelGroup, deployment.apiKey, deployment.rpm])).toEqual([
      ['agent-planner', { env: 'ANTHROPIC_KEY_1' }, 1000],
      ['agent-planner', { env: 'ANTHROPIC_KEY_2' }, 500],
    ]);
    expect(new Set(config.deployments.map((deployment) => deployment.id)).size).toBe(2);
    expect(config.router).toMatchObject({ numRetries: 2, retryAfterMs: 5000 });
    expect(config.router.fallbacks['agent-planner']).toEqual(['agent-planner-backup']);
  });

  test('a file that uses most of what there is', () => {
    const config = parse(fixture('everything.yaml'), { env: ENV });
    expect(config.deployments[1]).toEqual({
      id: 'claude-fast-eu',
      modelGroup: 'claude-fast',
      provider: 'anthropic',
      upstreamModel: 'claude-haiku-4-5',
      apiBase: undefined,
      apiKey: { literal: 'sk-ant-literal-key-in-the-file' },
      settings: {},
      extraHeaders: { 'x-team': { env: 'TEAM_HEADER' }, 'x-plain': { literal: 'abc' }, 'openai-organization': { literal: 'org-1' } },
      defaultParams: { temperature: 0.2, max_tokens: 1024, provider_only_knob: 7, metadata: { region: 'eu' }, top_k: 40 },
      tier: 'fast',
      weight: 3,
      order: 1,
      rpm: 50,
      queue: 'claude-fast-eu',
      tpm: 40000,
      maxParallelRequests: 12,
      timeoutMs: 30_000,
      streamTimeoutMs: 2_500,
      dropParams: true,
      prices: {
        inputUsd: '8e-07',
        outputUsd: '0.000004',
        cacheReadUsd: '8.0e-08',
        cacheWriteUsd: '0.000001',
        cacheWrite1hUsd: '1.6e-06',
      },
      baseModel: 'claude-haiku-4-5',
      modelInfo: {
        id: 'claude-fast-eu',
        mode: 'chat',
        tier: 'fast',
        base_model: 'claude-haiku-4-5',
        access_groups: ['beta'],
        max_input_tokens: 200000,
        anything: { goes: ['here'] },
      },
    });
    expect(config.deployments[2]).toMatchObject({ provider: 'openai', upstreamModel: 'llama-3.3-70b', apiBase: { env: 'VLLM_HOST' } });
    expect(config.router).toMatchObject({
      numRetries: 4,
      timeoutMs: 120_000,
      maxFallbacks: 3,
      defaultFallbacks: ['local'],
      hiddenAliases: ['secret-alias'],
    });
    expect(config.general).toMatchObject({ masterKey: { literal: 'sk-literal-master' }, maxRequestBytes: 2 * 1024 * 1024 });
    expect(config.litellm).toEqual({ dropParams: false, requireAuthForMetrics: true });
    expect(config.warnings).toEqual([
      'config.yaml:76: callback_settings has no effect yet',
      'config.yaml:65: litellm_settings.callbacks has no effect yet',
      'config.yaml:72: general_settings.pass_through_endpoints has no effect yet',
      'config.yaml:37: deployment "claude-fast": aws_secret_access_key has no effect for the provider anthropic',
      'config.yaml:71: general_settings.alerting: slack sends nothing: SLACK_WEBHOOK_URL is not set',
      'no second provider for group local: an outage of the host in VLLM_HOST takes it down',
    ]);
  });

  test('the defaults are those of LiteLLM', () => {
    const { router, general, litellm, deployments } = parse(oneModel(''));
    expect(router).toEqual({
      numRetries: 2,
      retryAfterMs: 0,
      fallbacks: {},
      defaultFallbacks: [],
      maxFallbacks: 5,
      modelGroupAlias: {},
      hiddenAliases: [],
      timeoutMs: 600_000,
      streamTimeoutMs: undefined,
    });
    expect(general).toEqual({
      masterKey: undefined,
      databaseUrl: undefined,
      maxRequestBytes: 25 * 1024 * 1024,
      maxUploadBytes: 100 * 1024 * 1024,
    });
    expect(litellm).toEqual({ dropParams: false, requireAuthForMetrics: false });
    expect(deployments[0]).toMatchObject({ tier: 'standard', prices: undefined, extraHeaders: {}, defaultParams: {}, modelInfo: {} });
  });
});

describe('ids', () => {
  test('an entry has the same id wherever it stands and in whatever order its keys are', () => {
    const [a, b] = parse(
      'model_list: [{model_name: m, litellm_params: {model: openai/a, rpm: 5}}, {model_name: n, litellm_params: {model: openai/b}}]',
    ).deployments;
    const [c, d] = parse(
      'model_list: [{model_name: n, litellm_params: {model: openai/b}}, {litellm_params: {rpm: 5, model: openai/a}, model_name: m}]',
    ).deployments;
    expect([c?.id, d?.id]).toEqual([b?.id, a?.id]);
  });

  test('an id does not depend on the value of a variable', () => {
    const text = oneModel('      api_key: os.environ/KEY\n');
    expect(parse(text, { env: { KEY: 'one' } }).deployments[0]?.id).toBe(parse(text, { env: { KEY: 'two' } }).deployments[0]?.id);
  });

  test('two entries that are written alike are two deployments', () => {
    const ids = parse(
      'model_list: [{model_name: m, litellm_params: &p {model: openai/a}}, {model_name: m, litellm_params: *p}]',
    ).deployments.map(({ id }) => id);
    expect(ids[1]).toBe(`${ids[0]}-2`);
  });
});

describe('environment', () => {
  test('a missing variable of a secret is a warning that names the deployment and the variable', () => {
    const { warnings } = parse(oneModel('      api_key: os.environ/GONE\n'));
    expect(warnings[0]).toBe(
      'config.yaml:5: deployment "m": model_list[0].litellm_params.api_key names the environment variable GONE, which is not set',
    );
  });

  test('variables of the file count where the environment has none, for secrets and for other values', () => {
    const text = `environment_variables: {RPM: 7, KEY: k, COPY: os.environ/OUTER}\n${oneModel('      api_key: os.environ/KEY\n      rpm: os.environ/RPM\n      seed: os.environ/COPY\n')}`;
    const config = parse(text, { env: { OUTER: 'outer', RPM: '9' } });
    expect(config.deployments[0]).toMatchObject({ rpm: 9, apiKey: { env: 'KEY' }, defaultParams: { seed: 'outer' } });
    expect(config.warnings.filter((warning) => warning.includes('KEY'))).toEqual([]);
  });

  test('values that are handed on are resolved at any depth', () => {
    const config = parse(oneModel('      extra_body: {a: [{b: os.environ/DEEP}]}\n'), { env: { DEEP: 'x' } });
    expect(config.deployments[0]?.defaultParams).toEqual({ a: [{ b: 'x' }] });
  });

  test('a DATABASE_URL among the variables is the database, unless the environment has one', () => {
    const text = `environment_variables: {DATABASE_URL: "postgresql://u:p@h/d"}\n${oneModel('')}`;
    expect(parse(text).general.databaseUrl).toEqual({ literal: 'postgresql://u:p@h/d' });
    expect(parse(text, { env: { DATABASE_URL: 'postgresql://other' } }).general.databaseUrl).toBeUndefined();
  });
});

describe('what is passed on to the provider', () => {
  test('settings of LiteLLM never become body parameters', () => {
    const params = ['s3_bucket_name: a', 'stream: true', 'mock_response: hi', 'langfuse_secret: x'];
    const config = parse(oneModel(params.map((line) => `      ${line}\n`).join('')));
    expect(config.deployments[0]?.defaultParams).toEqual({});
    expect(config.warnings.filter((warning) => warning.endsWith('has no effect yet'))).toHaveLength(params.length);
  });

  test('an unknown parameter is, and a short one that is near a known one too', () => {
    const config = parse(oneModel('      brand_new_knob: {a: 1}\n      seek: 1\n'));
    expect(config.deployments[0]?.defaultParams).toEqual({ brand_new_knob: { a: 1 }, seek: 1 });
  });

  test('a parameter without a value is not set', () => {
    expect(parse(oneModel('      temperature:\n')).deployments[0]?.defaultParams).toEqual({});
  });
});

describe('include', () => {
  const files: Record<string, string> = {
    'b.yaml':
      'model_list: [{model_name: b, litellm_params: {model: openai/b}}]\ninclude: [c.yaml, b.yaml]\nrouter_settings: {num_retries: 9}',
    'c.yaml': 'model_list: [{model_name: c, litellm_params: {model: openai/c, rpm: -1}}]',
  };
  const readInclude = (name: string) => ({ name, text: files[name] ?? '' });

  test('lists are joined, settings of the included file win, and a circle ends', () => {
    const text = `include: [b.yaml]\n${oneModel('')}router_settings: {num_retries: 1, retry_after: 3}`;
    const include = (name: string) => ({ name, text: (files[name] ?? '').replace(', rpm: -1', '') });
    const config = parse(text, { readInclude: include });
    expect(config.deployments.map((deployment) => deployment.modelGroup)).toEqual(['m', 'b', 'c']);
    expect(config.router).toMatchObject({ numRetries: 9, retryAfterMs: 3000 });
  });

  test('a problem is placed in the file it is in', () => {
    expect(() => parse(`include: b.yaml\n${oneModel('')}`, { readInclude })).toThrow('c.yaml:1:69: must be a whole number');
  });
});

test('names that objects have by birth are no fallbacks and no aliases', () => {
  const { router } = parse(oneModel(''));
  for (const name of ['constructor', '__proto__', 'toString']) {
    expect(router.fallbacks[name]).toBeUndefined();
    expect(router.modelGroupAlias[name]).toBeUndefined();
  }
});

test('whatever stands in a file, it is read or refused with a ConfigError', () => {
  const key = fc.constantFrom(
    'model_list',
    'model_name',
    'litellm_params',
    'model_info',
    'model',
    'api_key',
    'fallbacks',
    'rpm',
    'id',
    '<<',
    'x',
  );
  const section = fc.constantFrom(
    'model_list',
    'router_settings',
    'litellm_settings',
    'general_settings',
    'environment_variables',
    'headrace',
  );
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom('null', '""', '-1', '.nan', '1e999', 'openai/*', '"*"', 'os.environ/X', '&a b', '*a', '!t x', '[', '{', '"', 'a: b'),
      fc.array(tie('value'), { maxLength: 3 }).map((items) => `[${items.join(', ')}]`),
      fc
        .array(fc.tuple(key, tie('value')), { maxLength: 3 })
        .map((pairs) => `{${pairs.map(([name, item]) => `${name}: ${String(item)}`).join(', ')}}`),
    ),
  }));
  fc.assert(
    fc.property(fc.array(fc.tuple(section, value), { minLength: 1, maxLength: 4 }), (sections) => {
      const text = sections.map(([name, item]) => `${name}: ${String(item)}`).join('\n');
      try {
        expect(parse(text).warnings.length).toBeGreaterThan(0);
      } catch (error) {
        expect(error).toBeInstanceOf(ConfigError);
      }
    }),
    { numRuns: 2_000 },
  );
});
