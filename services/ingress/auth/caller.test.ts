import { describe, expect, test } from 'vitest';
import { type KeyRecord, type Scope, scopeName, type ScopeRecord } from '#contracts';
import { type Caller, NO_SCOPES, resolveCaller } from './caller.ts';

const record = (change: Partial<KeyRecord> = {}): KeyRecord => ({
  v: 1,
  hash: 'h',
  masked: 'sk-…abcd',
  models: [],
  blocked: false,
  ...change,
});
const scope = (kind: ScopeRecord['kind'], id: string, change: Partial<ScopeRecord> = {}): ScopeRecord => ({ v: 1, kind, id, ...change });

function cacheOf(records: readonly ScopeRecord[], asked: string[] = [], later = false) {
  return {
    find: (wanted: Scope) => {
      asked.push(scopeName(wanted));
      const found = records.find((one) => scopeName(one) === scopeName(wanted));
      return later ? Promise.resolve(found) : found;
    },
  };
}

const call = (fields: object = {}, headers: Record<string, string> = {}) => ({ headers, fields: { ...fields } });
const keyOf = (change: Partial<KeyRecord> = {}) => ({ kind: 'key', record: record(change) }) as const;

test('a key that stands alone asks nobody', () => {
  const asked: string[] = [];
  const caller = resolveCaller(keyOf(), call(), cacheOf([], asked)) as Caller;
  expect(caller.scopes).toBe(NO_SCOPES);
  expect(asked).toEqual([]);
});

describe.each([
  ['seen lately', false],
  ['looked up', true],
])('scopes that are %s', (_how, later) => {
  test('belong to the key’s team and user, its member, the end user and the tags of the request', async () => {
    const records = [
      scope('team', 't', { organizationId: 'o', tags: ['of-team', 'both'] }),
      scope('organization', 'o'),
      scope('member', 't/u'),
      scope('user', 'u'),
      scope('customer', 'c'),
      scope('tag', 'both'),
      scope('tag', 'of-team'),
    ];
    const caller = await resolveCaller(
      keyOf({ teamId: 't', userId: 'u', tags: ['both'] }),
      call({ user: 'c' }),
      cacheOf(records, [], later),
    );
    expect(caller.by).toMatchObject({ teamId: 't', userId: 'u', organizationId: 'o', endUser: 'c', tags: ['both', 'of-team'] });
    expect(caller.scopes).toMatchObject({
      organization: { id: 'o' },
      team: { id: 't' },
      member: { id: 't/u' },
      user: { id: 'u' },
      customer: { id: 'c' },
      tags: [{ id: 'both' }, { id: 'of-team' }],
    });
  });

  test.each([
    ['team', 'team_blocked', { teamId: 'x' }, {}],
    ['user', 'user_blocked', { userId: 'x' }, {}],
    ['organization', 'organization_blocked', { organizationId: 'x' }, {}],
    ['customer', 'customer_blocked', {}, { user: 'x' }],
  ] as const)('a blocked %s is refused', async (kind, code, key, fields) => {
    const cache = cacheOf([scope(kind, 'x', { blocked: true })], [], later);
    const refused = async () => resolveCaller(keyOf(key), call(fields), cache);
    await expect(refused()).rejects.toMatchObject({ code });
  });
});

test('the key’s own organization goes before that of its team', async () => {
  const caller = await resolveCaller(
    keyOf({ teamId: 't', organizationId: 'mine' }),
    call(),
    cacheOf([scope('team', 't', { organizationId: 'o' })]),
  );
  expect(caller.by.organizationId).toBe('mine');
});

test('with the master key the request’s end user and tags count', () => {
  const caller = resolveCaller({ kind: 'master' }, call({ user: 'c', tags: ['x'] }), cacheOf([scope('customer', 'c')])) as Caller;
  expect(caller.scopes).toMatchObject({ customer: { id: 'c' }, tags: [] });
});
