import { describe, expect, test } from 'vitest';
import { testDeployment, testPlanner, testStatus, type PlanRequest } from '../test-planning.ts';
import { prefixHash } from './prefix-hash.ts';

const ids = ['a', 'b', 'c', 'd', 'e'];
const group = ids.map((id) => testDeployment(id));
const sessions = Array.from({ length: 2_000 }, (_, at) => `session-${at}`);

function homes(deployments: typeof group, affinity: 'session' | 'prefix' = 'session', unavailable: readonly string[] = []): string[] {
  const availability = { isAvailable: (id: string) => !unavailable.includes(id), retryAtMs: () => undefined };
  const planner = testPlanner({ group: deployments }, { routing: { affinity, strategy: 'least-busy' }, availability });
  return sessions.map((sessionId) => planner.ids({ sessionId })?.[0] ?? '');
}

describe('session affinity', () => {
  test('takes a session to the same deployment in every process, however busy', () => {
    const before = homes(group);
    const planner = testPlanner({ group: [...group].reverse() }, { routing: { affinity: 'session', strategy: 'least-busy' } });
    planner.board.apply(testStatus('w1', { a: { inFlight: 50 } }));
    expect(sessions.map((sessionId) => planner.ids({ sessionId })?.[0])).toEqual(before);
  });

  test('spreads sessions evenly, and by weight', () => {
    const share = (list: readonly string[], id: string) => list.filter((home) => home === id).length / list.length;
    const even = homes(group);
    for (const id of ids) expect(share(even, id)).toBeCloseTo(0.2, 1);
    const weighted = homes([testDeployment('a', { weight: 4 }), testDeployment('b', { weight: 1 }), testDeployment('off', { weight: 0 })]);
    expect(share(weighted, 'a')).toBeCloseTo(0.8, 1);
    expect(share(weighted, 'off')).toBe(0);
  });

  test('moves only the sessions of a deployment that is gone or in cooldown', () => {
    const before = homes(group);
    for (const after of [homes(group.slice(1)), homes(group, 'session', ['a'])]) {
      for (const [at, home] of before.entries()) {
        if (home === 'a') expect(after[at]).not.toBe('a');
        else expect(after[at]).toBe(home);
      }
    }
  });

  test('leaves the rest of the plan to the strategy', () => {
    const planner = testPlanner({ group }, { routing: { affinity: 'session', strategy: 'least-busy' } });
    planner.board.apply(testStatus('w1', Object.fromEntries(ids.map((id, at) => [id, { inFlight: at }]))));
    for (const sessionId of sessions.slice(0, 100)) {
      const [home, ...rest] = planner.ids({ sessionId }) ?? [];
      expect(rest).toEqual(ids.filter((id) => id !== home).slice(0, rest.length));
    }
  });

  test('is none for requests without a session', () => {
    const planner = testPlanner({ group }, { routing: { affinity: 'session', strategy: 'least-busy' } });
    planner.board.apply(testStatus('w1', Object.fromEntries(ids.map((id) => [id, { inFlight: id === 'c' ? 0 : 1 }]))));
    expect(planner.ids()?.[0]).toBe('c');
  });

  test('does not leave the lowest order', () => {
    const ordered = [testDeployment('a', { order: 1 }), testDeployment('b', { order: 1 }), testDeployment('c', { order: 2 })];
    expect(new Set(homes(ordered))).toEqual(new Set(['a', 'b']));
  });
});

describe('prefix affinity', () => {
  const system = { role: 'system', content: 'You are a careful agent. '.repeat(300) };
  const user = (content: string) => ({ role: 'user', content });
  const planner = testPlanner({ group }, { routing: { affinity: 'prefix' } });
  const homeOf = (fields: NonNullable<PlanRequest['fields']>) => planner.ids({ fields })?.[0];

  test('keeps the turns of a conversation together, and spreads conversations', () => {
    const found = new Set<string | undefined>();
    for (let at = 0; at < 100; at += 1) {
      const opening = [system, user(`question ${at}`)];
      const home = homeOf({ messages: opening });
      for (let turn = 1; turn < 4; turn += 1) {
        const answers = Array.from({ length: turn }, (_, nth) => [{ role: 'assistant', content: `a${nth}` }, user(`and ${nth}?`)]).flat();
        expect(homeOf({ messages: [...opening, ...answers], temperature: turn })).toBe(home);
      }
      found.add(home);
    }
    expect(found.size).toBe(ids.length);
  });

  test('leaves short prompts, which nobody caches, to the strategy', () => {
    const fields = { messages: [user('hi')] };
    expect(new Set(Array.from({ length: 200 }, () => homeOf(fields))).size).toBe(ids.length);
  });
});

describe('the beginning of a prompt', () => {
  const openai = {
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Hello' },
    ],
  };

  test.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    ['later turns', openai, { messages: [...openai.messages, { role: 'assistant', content: 'Hi' }] }],
    [
      'marks of the cache, which move from turn to turn',
      { system: [{ type: 'text', text: 'x', cache_control: { type: 'ephemeral' } }], messages: [] },
      { system: [{ type: 'text', text: 'x' }], messages: [] },
    ],
    ['other settings', openai, { ...openai, temperature: 1 }],
    ['the client’s own name for it', { ...openai, prompt_cache_key: 'k' }, { messages: [], prompt_cache_key: 'k' }],
  ])('is the same with %s', (_what, one, other) => {
    expect(prefixHash(one)).toBeDefined();
    expect(prefixHash(one)).toBe(prefixHash(other));
  });

  test.each<[string, Record<string, unknown>]>([
    [
      'instructions',
      {
        messages: [
          { role: 'system', content: 'Be long.' },
          { role: 'user', content: 'Hello' },
        ],
      },
    ],
    [
      'first message',
      {
        messages: [
          { role: 'system', content: 'Be brief.' },
          { role: 'user', content: 'Bye' },
        ],
      },
    ],
    ['tools', { ...openai, tools: [{ type: 'function', function: { name: 'look' } }] }],
    ['name', { ...openai, prompt_cache_key: 'k' }],
    ['Gemini contents', { contents: [{ role: 'user', parts: [{ text: 'Hello' }] }] }],
    ['input', { input: 'Hello' }],
  ])('is another with other %s', (_what, other) => {
    expect(prefixHash(other)).toBeDefined();
    expect(prefixHash(other)).not.toBe(prefixHash(openai));
  });

  test.each([{}, { messages: [] }, { messages: 'x'.repeat(0) }, { messages: [null, 4, []] }])('is none in %j', (fields) => {
    expect(prefixHash(fields)).toBeUndefined();
  });
});
