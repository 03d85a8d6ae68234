import { describe, expect, test } from 'vitest';
import type { Principal } from './authenticate.ts';
import { aliasedModel, mayUseModel, requireModelAccess } from './model-access.ts';

const key = (models: readonly string[], aliases?: Record<string, string>): Principal => ({
  kind: 'key',
  record: { v: 1, hash: 'h', masked: 'sk-…abcd', models, aliases, blocked: false },
});

describe('a key', () => {
  test.each<[readonly string[], string, boolean]>([
    [[], 'anything', true],
    [['*'], 'anything', true],
    [['all-proxy-models'], 'anything', true],
    [['gpt-4o'], 'gpt-4o', true],
    [['gpt-4o'], 'gpt-4o-mini', false],
    [['gpt-4o-mini'], 'gpt-4o', false],
    [['gpt-4o'], 'GPT-4o', false],
    [['a', 'b'], 'b', true],
    [['openai/*'], 'openai/gpt-4o', true],
    [['openai/*'], 'openai/', true],
    [['openai/*'], 'anthropic/claude', false],
    [['openai/*'], 'my-openai/gpt-4o', false],
    [['openai/gpt-*-mini'], 'openai/gpt-4o-mini', true],
    [['openai/gpt-*-mini'], 'openai/gpt-4o', false],
    [['gpt.4'], 'gpt-4', false],
    [['gpt.*'], 'gptx4', false],
    [['gpt-(4|5)*'], 'gpt-4', false],
    [['no-such-model'], 'gpt-4o', false],
    [['gpt-4o'], '', false],
  ])('for %j may use %j: %j', (models, model, expected) => {
    expect(mayUseModel(key(models), model)).toBe(expected);
    if (expected) expect(() => requireModelAccess(key(models), model)).not.toThrow();
    else
      expect(() => requireModelAccess(key(models), model)).toThrow(expect.objectContaining({ code: 'model_access_denied', status: 403 }));
  });

  test('without names of its own uses the model it says', () => {
    expect(aliasedModel(key([]), 'gpt-4o')).toBe('gpt-4o');
  });

  test('with names of its own gets the model behind them', () => {
    expect(aliasedModel(key([], { fast: 'gpt-4o-mini' }), 'fast')).toBe('gpt-4o-mini');
    expect(aliasedModel(key([], { fast: 'gpt-4o-mini' }), 'gpt-4o')).toBe('gpt-4o');
  });

  test.each(['constructor', '__proto__', 'toString'])('that asks for the model %s gets a model name', (name) => {
    expect(aliasedModel(key([], { fast: 'gpt-4o-mini' }), name)).toBe(name);
  });
});

test('the master key may use every model, under its own name', () => {
  expect(mayUseModel({ kind: 'master' }, 'anything')).toBe(true);
  expect(aliasedModel({ kind: 'master' }, 'fast')).toBe('fast');
});
