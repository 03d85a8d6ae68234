import { describe, expect, test } from 'vitest';
import { type Attribution, callerScopes, candidateScopes } from '#contracts';
import { createKnownScopes } from './known-scopes.ts';

const CALLER: Attribution = { keyHash: 'k', organizationId: 'o', teamId: 't', userId: 'u', endUser: 'e', tags: ['a', 'b'] };

describe('scopes that are known', () => {
  test('of a caller are worked out once, whoever its session is', () => {
    const known = createKnownScopes();
    expect(known.ofCaller({ ...CALLER, sessionId: 's' })).toBe(known.ofCaller({ ...CALLER }));
  });

  test.each<Partial<Attribution>>([
    { organizationId: 'other' },
    { teamId: undefined },
    { userId: 'other' },
    { endUser: 'other' },
    { tags: ['a'] },
    { tags: ['b', 'a'] },
    { tags: undefined },
    { keyHash: 'other' },
  ])('are another’s when %o differs', (change) => {
    const known = createKnownScopes();
    known.ofCaller(CALLER);
    const other = { ...CALLER, ...change };
    expect(known.ofCaller(other)).toEqual(callerScopes(other));
    expect(known.ofCaller(CALLER)).toEqual(callerScopes(CALLER));
  });

  test('of a deployment change with its provider', () => {
    const known = createKnownScopes();
    for (const provider of ['one', 'other', 'other']) {
      const candidate = { deploymentId: 'd', provider };
      expect(known.ofCandidate(candidate)).toEqual(candidateScopes(candidate));
    }
  });
});
