import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { contextHash, type KeyedRequest, requestHash, scopeToken } from './cache-key.ts';

const keyed = (fields: KeyedRequest['fields'], more: Partial<KeyedRequest> = {}): KeyedRequest => ({
  dialect: 'openai-chat',
  fields,
  model: 'm',
  group: 'm',
  ...more,
});
const hashOf = (fields: KeyedRequest['fields'], more?: Partial<KeyedRequest>): string => requestHash(keyed(fields, more));

const message = fc.record({ role: fc.constantFrom('user', 'system', 'assistant'), content: fc.string() });
const request = fc.record(
  {
    messages: fc.array(message, { minLength: 1, maxLength: 4 }),
    temperature: fc.constantFrom(0, 0.5, 1),
    max_tokens: fc.integer({ min: 1, max: 999 }),
    seed: fc.integer(),
    stop: fc.array(fc.string({ minLength: 1 }), { minLength: 2, maxLength: 3 }),
    metadata: fc.dictionary(fc.string(), fc.string()),
    tool_choice: fc.constantFrom('none', 'required'),
  },
  { requiredKeys: ['messages'] },
);

/** The same value with the keys of every object in another order. */
function shuffled(value: unknown, at: number): unknown {
  if (Array.isArray(value)) return value.map((item) => shuffled(item, at));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, item]) => [name, shuffled(item, at)] as const);
  return Object.fromEntries([...entries.slice(at % (entries.length || 1)), ...entries.slice(0, at % (entries.length || 1))].reverse());
}

describe('two requests have one name', () => {
  test('whatever the order of their keys and the white space between them', () => {
    fc.assert(
      fc.property(request, fc.nat(9), fc.nat(6), (fields, at, indent) => {
        const spelled = JSON.parse(JSON.stringify(shuffled(fields, at), undefined, indent)) as KeyedRequest['fields'];
        expect(hashOf(spelled)).toBe(hashOf(fields));
      }),
    );
  });

  test('whether a default is spelled out, and whoever asks, however it travels', () => {
    const same = {
      n: 1,
      frequency_penalty: 0,
      logprobs: false,
      tools: [],
      stop: null,
      stream: true,
      stream_options: { include_usage: true },
      user: 'u',
      metadata: { a: 'b' },
      cache: { ttl: 5 },
      num_retries: 4,
      tags: ['x'],
      store: true,
    };
    fc.assert(
      fc.property(request, fc.subarray(Object.entries(same)), (fields, more) => {
        expect(hashOf({ ...Object.fromEntries(more), ...fields, metadata: undefined })).toBe(hashOf({ ...fields, metadata: undefined }));
      }),
    );
  });

  test('where a text stands alone in a list of parts, and a stop word in a list', () => {
    expect(hashOf({ messages: [{ role: 'user', content: [{ type: 'text', text: 'a' }] }] })).toBe(
      hashOf({ messages: [{ role: 'user', content: 'a' }] }),
    );
    expect(hashOf({ messages: [], stop: ['x'] })).toBe(hashOf({ messages: [], stop: 'x' }));
  });
});

describe('two requests have names of their own', () => {
  test('where anything differs that the answer depends on', () => {
    fc.assert(
      fc.property(request, request, (one, two) => {
        const strip = ({ metadata: _metadata, ...fields }: Record<string, unknown>) => fields;
        const isSame = JSON.stringify(sorted(strip(one))) === JSON.stringify(sorted(strip(two)));
        expect(hashOf(one) === hashOf(two)).toBe(isSame);
      }),
    );
  });

  test.each<[string, KeyedRequest, KeyedRequest]>([
    ['in white space of a prompt', keyed({ messages: [{ content: 'a b' }] }), keyed({ messages: [{ content: 'a  b' }] })],
    ['in the order of messages', keyed({ messages: ['a', 'b'] }), keyed({ messages: ['b', 'a'] })],
    ['in a temperature that some hosts have another default for', keyed({ temperature: 1 }), keyed({})],
    [
      'in a default that the deployment changes',
      keyed({ n: 1 }, { setElsewhere: new Set(['n']) }),
      keyed({}, { setElsewhere: new Set(['n']) }),
    ],
    [
      'in the order of a schema’s properties',
      keyed({ tool: { properties: { a: 1, b: 2 } } }),
      keyed({ tool: { properties: { b: 2, a: 1 } } }),
    ],
    ['in their group', keyed({}), keyed({}, { group: 'n' })],
    ['in their format', keyed({}), keyed({}, { dialect: 'anthropic-messages' })],
    ['in a header for the provider', keyed({}), keyed({}, { variant: 'beta' })],
    [
      'in whether a response is stored',
      keyed({ store: false }, { dialect: 'openai-responses' }),
      keyed({}, { dialect: 'openai-responses' }),
    ],
    ['in a field that nobody knows', keyed({ x: 1 }), keyed({ x: 2 })],
  ])('%s', (_what, one, two) => {
    expect(requestHash(one)).not.toBe(requestHash(two));
  });
});

test('a context has nothing of the fields that are left out, and all of the others', () => {
  const without = new Set(['messages']);
  const one = contextHash(keyed({ messages: ['a'], seed: 1 }), without, 'x');
  expect(contextHash(keyed({ messages: ['b'], seed: 1 }), without, 'x')).toBe(one);
  expect(contextHash(keyed({ messages: ['a'], seed: 2 }), without, 'x')).not.toBe(one);
  expect(contextHash(keyed({ messages: ['a'], seed: 1 }), without, 'y')).not.toBe(one);
});

test('no scope has the name of another one, whatever its members and namespaces are called', () => {
  const scope = fc.record({
    kind: fc.constantFrom('key', 'team', 'gateway'),
    member: fc.oneof(fc.string({ maxLength: 3 }), fc.constantFrom('a', '","', 'null', '[')),
    namespace: fc.option(fc.oneof(fc.string({ maxLength: 3 }), fc.constantFrom('a', '","', 'null')), { nil: undefined }),
  });
  fc.assert(
    fc.property(scope, scope, (one, two) => {
      const isSame = one.kind === two.kind && one.member === two.member && one.namespace === two.namespace;
      expect(scopeToken(one) === scopeToken(two)).toBe(isSame);
      expect(scopeToken(one)).toMatch(/^[0-9a-f]{32}$/);
    }),
    { numRuns: 500 },
  );
});

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, item]) => [name, sorted(item)]),
  );
}
