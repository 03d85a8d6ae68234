import { describe, expect, test } from 'vitest';
import { masterKeySource, objectToMasterKey, weaknessOfMasterKey } from './weak-master-key.ts';

describe('a master key is weak', () => {
  test.each([
    ['the example of every LiteLLM page', 'sk-1234', /7 characters, fewer than 16/],
    ['anything short', 'sk-aZ9kQ2xP7mL', /14 characters/],
    ['a longer example', 'sk-1234567890abcdef', /everybody knows/],
    ['an example in other letters', 'SK-your-master-key-here', /everybody knows/],
    ['one character many times', 'sk-aaaaaaaaaaaaaaaaaaaa', /repeated/],
    ['four digits many times', 'sk-12341234123412341234', /repeated/],
  ])('%s', (_name, key, weakness) => expect(weaknessOfMasterKey(key)).toMatch(weakness));

  test.each(['sk-k3J9x_Qm2LpR8vTz5WyB', 'sk-9f86d081884c7d659a2feaa0c55ad015', 'correct horse battery staple'])('but not %s', (key) =>
    expect(weaknessOfMasterKey(key)).toBeUndefined(),
  );
});

describe('with a weak key a gateway', () => {
  const weak = { key: 'sk-1234', source: 'environment variable LITELLM_MASTER_KEY', isWeakAllowed: false };

  test.each(['127.0.0.1', '127.0.1.1', 'localhost', '::1'])('on %s starts with a warning that names where the key comes from', (host) => {
    const objection = objectToMasterKey({ ...weak, host });
    expect(objection).toMatchObject({ isRefused: false, message: expect.stringContaining('environment variable LITELLM_MASTER_KEY') });
    expect(objection?.message).not.toContain('sk-1234');
  });

  test.each(['0.0.0.0', '::', '10.0.0.7', 'gateway.internal', '127.0.0.1.example.test'])(
    'on %s does not start, and is told the ways out',
    (host) => {
      expect(objectToMasterKey({ ...weak, host })).toMatchObject({
        isRefused: true,
        message: expect.stringMatching(new RegExp(`On ${host} .*openssl rand.*127\\.0\\.0\\.1.*HEADRACE_ALLOW_WEAK_MASTER_KEY=true`)),
      });
    },
  );

  test('starts anywhere, without a word, once somebody has said that it may', () => {
    expect(objectToMasterKey({ ...weak, host: '0.0.0.0', isWeakAllowed: true })).toBeUndefined();
  });
});

test('the source of a key is the first variable that is set, else the configuration', () => {
  expect(masterKeySource({ HEADRACE_MASTER_KEY: '', LITELLM_MASTER_KEY: 'x' })).toBe('environment variable LITELLM_MASTER_KEY');
  expect(masterKeySource({ HEADRACE_MASTER_KEY: 'x', LITELLM_MASTER_KEY: 'x' })).toBe('environment variable HEADRACE_MASTER_KEY');
  expect(masterKeySource({})).toBe('general_settings.master_key');
});
