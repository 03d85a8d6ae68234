import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { describe, expect, test } from 'vitest';
import type { AccessSettings } from '#config';
import { GatewayError, type KeyRecord } from '#contracts';
import { authenticate } from './authenticate.ts';
import { presentedKey } from './presented-key.ts';

const NOW = 1_000_000;
const sha = (key: string): string => createHash('sha256').update(key).digest('hex');
const record = (key: string, change: Partial<KeyRecord> = {}): KeyRecord => ({
  v: 1,
  hash: sha(key),
  masked: 'sk-…abcd',
  models: [],
  blocked: false,
  ...change,
});

const records = new Map<string, KeyRecord>(
  [
    record('sk-good'),
    record('sk-blocked', { blocked: true }),
    record('sk-old', { expiresAt: NOW - 1 }),
    record('sk-now', { expiresAt: NOW }),
    record('sk-later', { expiresAt: NOW + 1 }),
    record('sk-replaced', { secretUntil: NOW }),
    record('sk-replaced-soon', { secretUntil: NOW + 1 }),
  ].map((one) => [one.hash, one]),
);

const keys = { find: (hash: string) => records.get(hash), close: () => undefined };
const call = async (headers: IncomingHttpHeaders, masterKey?: string) =>
  authenticate(headers, { keys, masterKeyHash: masterKey && sha(masterKey), now: () => NOW });
const bearer = (key: string): IncomingHttpHeaders => ({ authorization: `Bearer ${key}` });

describe('a caller', () => {
  test.each<[string, IncomingHttpHeaders]>([
    ['with a bearer token', bearer('sk-good')],
    ['with a scheme in capitals', { authorization: 'BEARER sk-good' }],
    ['with spaces around the key', { authorization: 'Bearer   sk-good ' }],
    ['with the key alone', { authorization: 'sk-good' }],
    ['with LiteLLM’s header', { 'x-litellm-api-key': 'Bearer sk-good' }],
    ['with LiteLLM’s header before any other', { 'x-litellm-api-key': 'sk-good', authorization: 'Bearer other' }],
    ['with Anthropic’s header', { 'x-api-key': 'sk-good' }],
    ['with Azure’s header', { 'api-key': 'sk-good' }],
    ['with Google’s header', { 'x-goog-api-key': 'sk-good' }],
    ['whose key expires later', bearer('sk-later')],
    ['whose secret was replaced and still works', bearer('sk-replaced-soon')],
  ])('%s is let in', async (_what, headers) => {
    expect((await call(headers)).kind).toBe('key');
  });

  test.each<[string, IncomingHttpHeaders, string]>([
    ['without a key', {}, 'missing_key'],
    ['with an empty header', { authorization: '' }, 'missing_key'],
    ['with a scheme and no key', { authorization: 'Bearer ' }, 'missing_key'],
    ['with an unknown key', bearer('sk-nobody'), 'unknown_key'],
    ['with a hash instead of a key', bearer(sha('sk-good')), 'unknown_key'],
    ['with a key in another case', bearer('SK-GOOD'), 'unknown_key'],
    ['with an endless key', bearer('x'.repeat(100_000)), 'unknown_key'],
    ['with a blocked key', bearer('sk-blocked'), 'key_blocked'],
    ['with an expired key', bearer('sk-old'), 'expired_key'],
    ['with a secret that was replaced', bearer('sk-replaced'), 'unknown_key'],
    ['with a key that expires now', bearer('sk-now'), 'expired_key'],
  ])('%s gets the 401 that fits', async (_what, headers, code) => {
    const error = await call(headers).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(GatewayError);
    expect(error).toMatchObject({ code, status: 401 });
    const sent = presentedKey(headers);
    if (sent) expect((error as GatewayError).message).not.toContain(sent);
  });

  test('in the address counts where there is none in a header', () => {
    expect(presentedKey({}, 'sk-query')).toBe('sk-query');
    expect(presentedKey(bearer('sk-good'), 'sk-query')).toBe('sk-good');
    for (const odd of [undefined, '', ['a', 'b']]) expect(presentedKey({}, odd)).toBeUndefined();
  });

  test('may send it in a header of the installation’s own, which goes before all others', async () => {
    const resources = { keys, masterKeyHash: undefined, now: () => NOW, config: { access: { keyHeader: 'x-gate' } as AccessSettings } };
    for (const key of ['sk-good', 'Bearer sk-good']) {
      expect(await authenticate({ 'x-gate': key, authorization: 'Bearer of-another-gateway' }, resources)).toMatchObject({ kind: 'key' });
    }
    expect(await authenticate(bearer('sk-good'), resources)).toMatchObject({ kind: 'key' });
    expect(presentedKey({ 'x-gate': 'sk-good' })).toBeUndefined();
  });

  test('with the master key is the master, without a look-up', () => {
    const headers = bearer('sk-master');
    const none = { find: () => Promise.reject(new Error('asked')), close: () => undefined };
    expect(authenticate(headers, { keys: none, masterKeyHash: sha('sk-master'), now: () => NOW })).toEqual({ kind: 'master' });
  });

  test.each(['sk-maste', 'sk-master1', 'sk-Master', ''])('with %j is not the master', async (key) => {
    await expect(call(bearer(key), 'sk-master')).rejects.toMatchObject({ status: 401 });
  });

  test('is nobody’s master where no master key is set', async () => {
    await expect(call(bearer('undefined'))).rejects.toMatchObject({ code: 'unknown_key' });
  });

  test('whose key can’t be looked up gets that error and not a 401', async () => {
    const away = { find: () => Promise.reject(new GatewayError('service_unavailable', 'x')), close: () => undefined };
    await expect(authenticate(bearer('sk-cold'), { keys: away, masterKeyHash: undefined, now: () => NOW })).rejects.toMatchObject({
      status: 503,
    });
  });
});
