import { describe, expect, test } from 'vitest';
import type { ScopeRecord } from '#contracts';
import type { CallerScopes } from './caller.ts';
import { NO_SCOPES } from './caller.ts';
import {
  type AccessCaller,
  accessGroups,
  type AccessGroupsOf,
  aliasedModel,
  mayUseModel,
  requestedModel,
  requireModelAccess,
} from './model-access.ts';

const key = (models: readonly string[], aliases?: Record<string, string>, scopes: CallerScopes = NO_SCOPES): AccessCaller => ({
  principal: { kind: 'key', record: { v: 1, hash: 'h', masked: 'sk-…abcd', models, aliases, blocked: false } },
  scopes,
});
const noGroups: AccessGroupsOf = () => [];
const noTeams = { teamGroup: () => undefined };

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
    expect(mayUseModel(key(models), model, noGroups)).toBe(expected);
    if (expected) expect(() => requireModelAccess(key(models), model, noGroups)).not.toThrow();
    else
      expect(() => requireModelAccess(key(models), model, noGroups)).toThrow(
        expect.objectContaining({ code: 'model_access_denied', status: 403 }),
      );
  });

  test('without names of its own uses the model it says', () => {
    expect(aliasedModel(key([]), 'gpt-4o', noTeams)).toBe('gpt-4o');
  });

  test('with names of its own gets the model behind them', () => {
    expect(aliasedModel(key([], { fast: 'gpt-4o-mini' }), 'fast', noTeams)).toBe('gpt-4o-mini');
    expect(aliasedModel(key([], { fast: 'gpt-4o-mini' }), 'gpt-4o', noTeams)).toBe('gpt-4o');
  });

  test.each(['constructor', '__proto__', 'toString'])('that asks for the model %s gets a model name', (name) => {
    expect(aliasedModel(key([], { fast: 'gpt-4o-mini' }), name, noTeams)).toBe(name);
  });
});

const master: AccessCaller = { principal: { kind: 'master' }, scopes: NO_SCOPES };

test('the master key may use every model, under its own name', () => {
  expect(mayUseModel(master, 'anything', noGroups)).toBe(true);
  expect(aliasedModel(master, 'fast', noTeams)).toBe('fast');
});

const scope = (kind: ScopeRecord['kind'], change: Partial<ScopeRecord>): ScopeRecord => ({ v: 1, kind, id: 'x', ...change });
const codeOf = (caller: AccessCaller, model: string, groupsOf = noGroups): string | undefined => {
  try {
    requireModelAccess(caller, model, groupsOf);
    return undefined;
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe('a model must be allowed by everybody the request counts for', () => {
  test.each<[keyof CallerScopes, string]>([
    ['team', 'team_model_access_denied'],
    ['member', 'team_model_access_denied'],
    ['organization', 'organization_model_access_denied'],
    ['customer', 'customer_model_access_denied'],
    ['user', 'user_model_access_denied'],
  ])('%s', (kind, code) => {
    const scopes = { [kind]: scope(kind === 'tags' ? 'tag' : kind, { models: ['a'] }) };
    expect(codeOf(key([], undefined, scopes), 'a')).toBeUndefined();
    expect(codeOf(key([], undefined, scopes), 'b')).toBe(code);
  });

  test('a key of "all-team-models" has what its team has', () => {
    const caller = key(['all-team-models'], undefined, { team: scope('team', { models: ['openai/*'] }) });
    expect(codeOf(caller, 'openai/x')).toBeUndefined();
    expect(codeOf(caller, 'other')).toBe('team_model_access_denied');
  });

  test('a user’s own list is for keys without a team', () => {
    const user = scope('user', { models: ['no-default-models'] });
    expect(codeOf(key([], undefined, { user }), 'a')).toBe('user_model_access_denied');
    expect(codeOf(key([], undefined, { user, team: scope('team', {}) }), 'a')).toBeUndefined();
  });

  test('an access group stands for the models that name it', () => {
    const groupsOf = accessGroups({
      resolve: (name) => ({ deployments: [{ modelInfo: { access_groups: name === 'a' ? ['beta'] : 7 } }] }),
    });
    expect(codeOf(key(['beta']), 'a', groupsOf)).toBeUndefined();
    expect(codeOf(key(['beta']), 'b', groupsOf)).toBe('model_access_denied');
  });
});

test('a team’s names count where the key has none of its own, and stand for models it may use', () => {
  const team = scope('team', { aliases: { fast: 'of-team', slow: 'big' }, models: ['big', 'of-team'] });
  const caller = key([], { fast: 'of-key' }, { team });
  expect(aliasedModel(caller, 'fast', noTeams)).toBe('of-key');
  expect(aliasedModel(caller, 'slow', noTeams)).toBe('big');
  expect(codeOf(caller, 'slow')).toBeUndefined();
});

test('an end user gets its default model for what it may not use', () => {
  const customer = scope('customer', { models: ['small'], defaultModel: 'small' });
  expect(requestedModel(key([], undefined, { customer }), 'big', noGroups)).toBe('small');
  expect(requestedModel(key([], undefined, { customer: scope('customer', { models: ['small'] }) }), 'big', noGroups)).toBe('big');
});

describe("a team's own model", () => {
  const RED = 'team-model:red/fast';
  const models = { teamGroup: (teamId: string, name: string) => (teamId === 'red' && name === 'fast' ? RED : undefined) };
  const of = (teamId: string, list: readonly string[] = [], aliases?: Record<string, string>): AccessCaller => {
    const caller = key(list, aliases);
    return caller.principal.kind === 'key'
      ? { ...caller, principal: { kind: 'key', record: { ...caller.principal.record, teamId } } }
      : caller;
  };

  test('is what the team’s keys get by its name, and everybody else gets what there is for all', () => {
    expect(aliasedModel(of('red'), 'fast', models)).toBe(RED);
    expect(aliasedModel(of('blue'), 'fast', models)).toBe('fast');
    expect(aliasedModel(key([]), 'fast', models)).toBe('fast');
  });

  test('can not be named by others, not even through an alias', () => {
    expect(mayUseModel(of('blue'), RED, noGroups)).toBe(false);
    expect(mayUseModel(key(['*']), RED, noGroups)).toBe(false);
    expect(mayUseModel(of('red'), RED, noGroups)).toBe(true);
    expect(() => aliasedModel(of('blue', [], { mine: RED }), 'mine', models)).toThrow(/not available/);
  });

  test('counts by its own name in a list of models', () => {
    expect(mayUseModel(of('red', ['fast']), RED, noGroups)).toBe(true);
    expect(mayUseModel(of('red', ['slow']), RED, noGroups)).toBe(false);
  });
});
