import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseConfig } from '../parse-config.ts';
import { createModelIndex, matchModel } from './model-index.ts';
import { createWildcard, substitute } from './wildcard.ts';

function configOf(models: readonly (readonly [name: string, model: string])[], router = '') {
  const entries = models.map(([name, model]) => `  - {model_name: "${name}", litellm_params: {model: "${model}"}}`);
  const text = `model_list:\n${entries.join('\n')}\n${router}`;
  return parseConfig(text, { file: 'config.yaml', env: {}, providers: new Set(['openai', 'anthropic', 'openrouter']) });
}

const config = configOf(
  [
    ['gpt-4o', 'openai/gpt-4o'],
    ['gpt-4o', 'openrouter/openai/gpt-4o'],
    ['openai/*', 'openai/*'],
    ['openai/gpt-*', 'openrouter/openai/gpt-*'],
    ['team-*/*-latest', 'openrouter/*/v1/*'],
    ['*', 'openrouter/*'],
    ['fixed/*', 'anthropic/claude-sonnet-4'],
  ],
  'router_settings: {model_group_alias: {four: gpt-4o, wild: openai/o1, gone: "", gpt-4o-old: {model: gpt-4o, hidden: true}, nested: four}}'.replace(
    'gone: "", ',
    '',
  ),
);

describe('a model name finds its deployments', () => {
  test.each([
    [
      'gpt-4o',
      'gpt-4o',
      [
        ['openai', 'gpt-4o'],
        ['openrouter', 'openai/gpt-4o'],
      ],
    ],
    ['openai/o1', 'openai/*', [['openai', 'o1']]],
    ['openai/gpt-5', 'openai/gpt-*', [['openrouter', 'openai/gpt-5']]],
    ['openai/a/b', 'openai/*', [['openai', 'a/b']]],
    ['team-red/claude-latest', 'team-*/*-latest', [['openrouter', 'red/v1/claude']]],
    ['fixed/anything', 'fixed/*', [['anthropic', 'claude-sonnet-4']]],
    ['whatever', '*', [['openrouter', 'whatever']]],
  ])('%s by %s', (name, pattern, expected) => {
    const match = matchModel(config, name);
    expect(match).toMatchObject({ group: name, pattern });
    expect(match?.deployments.map((deployment) => [deployment.provider, deployment.upstreamModel])).toEqual(expected);
  });

  test('an alias finds what its target finds, by name or by wildcard', () => {
    const index = createModelIndex(config);
    expect(index.resolve('four')).toBe(index.resolve('gpt-4o'));
    expect(index.resolve('gpt-4o-old')).toBe(index.resolve('gpt-4o'));
    expect(index.resolve('wild')).toMatchObject({ group: 'openai/o1', deployments: [{ upstreamModel: 'o1' }] });
  });

  test('a match is found again by its group, with the same deployment ids', () => {
    const index = createModelIndex(config);
    for (const name of ['gpt-4o', 'four', 'openai/gpt-5', 'whatever']) {
      const match = index.resolve(name);
      const [first] = match?.deployments ?? [];
      if (match === undefined || first === undefined) throw new Error(`no match for ${name}`);
      expect(index.deployment(match.group, first.id)).toEqual(first);
    }
    expect(index.deployment('gpt-4o', 'no-such-id')).toBeUndefined();
  });

  test('a name that fits nothing has no match', () => {
    const index = createModelIndex(
      configOf([
        ['openai/*', 'openai/*'],
        ['m', 'openai/m'],
      ]),
    );
    for (const name of ['', 'M', 'openai', 'constructor', '__proto__', 'openai/'.repeat(200)]) expect(index.resolve(name)).toBeUndefined();
    expect(index.resolve('openai/')?.deployments[0]?.upstreamModel).toBe('');
  });

  test('a hit is kept: the same name gives the same object', () => {
    const index = createModelIndex(config);
    expect(index.resolve('openai/o1')).toBe(index.resolve('openai/o1'));
  });
});

test('the list has groups and patterns in the order of the file, then the aliases that are not hidden', () => {
  expect(
    createModelIndex(config)
      .list()
      .map((model) => [model.name, model.wildcard, model.aliasOf]),
  ).toEqual([
    ['gpt-4o', false, undefined],
    ['openai/*', true, undefined],
    ['openai/gpt-*', true, undefined],
    ['team-*/*-latest', true, undefined],
    ['*', true, undefined],
    ['fixed/*', true, undefined],
    ['four', false, 'gpt-4o'],
    ['wild', false, 'openai/o1'],
    ['nested', false, 'four'],
  ]);
});

describe('wildcards', () => {
  test('characters that mean something in a regular expression stand for themselves', () => {
    expect(createWildcard('a.b+(*)').capture('a.b+(x)')).toEqual(['x']);
    expect(createWildcard('a.b').capture('aXb')).toBeUndefined();
  });

  test('what a pattern captured, put back into it, gives the name', () => {
    const text = fc.string({ maxLength: 8 }).map((part) => part.replaceAll('*', ''));
    fc.assert(
      fc.property(fc.array(text, { minLength: 2, maxLength: 4 }), fc.array(text, { minLength: 3, maxLength: 3 }), (parts, fills) => {
        const pattern = parts.join('*');
        const name = substitute(pattern, fills);
        const captures = createWildcard(pattern).capture(name);
        if (captures === undefined) throw new Error('no match');
        expect(substitute(pattern, captures)).toBe(name);
      }),
    );
  });

  test('dollar signs in a name are not taken for references', () => {
    expect(substitute('x/*', ['$&$1'])).toBe('x/$&$1');
  });
});
