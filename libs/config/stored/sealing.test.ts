import { expect, test } from 'vitest';
import { createSealing, isSealed, saltKeyFrom, SealError } from './sealing.ts';

const sealing = createSealing('a salt key');
const PLACE = 'model/a/litellm_params.api_key';

test('what is sealed opens in its place, and shows nothing of itself', () => {
  const sealed = sealing.seal('sk-secret', PLACE);
  expect(isSealed(sealed)).toBe(true);
  expect(sealed).not.toContain('sk-secret');
  expect(Buffer.from(sealed.split(':')[3] ?? '', 'base64url').toString('latin1')).not.toContain('secret');
  expect(sealing.open(sealed, PLACE)).toBe('sk-secret');
});

test('the same secret is sealed differently each time', () => {
  expect(sealing.seal('sk-secret', PLACE)).not.toBe(sealing.seal('sk-secret', PLACE));
});

test('it opens nowhere else', () => {
  expect(() => sealing.open(sealing.seal('sk-secret', PLACE), 'model/b/litellm_params.api_key')).toThrow(SealError);
});

test('another salt key does not open it, and is told apart from a changed text', () => {
  const sealed = sealing.seal('sk-secret', PLACE);
  expect(() => createSealing('another').open(sealed, PLACE)).toThrow(/another salt key/);
  expect(() => sealing.open(`${sealed.slice(0, -2)}AA`, PLACE)).toThrow(/changed/);
  expect(() => sealing.open('sealed:v1:', PLACE)).toThrow(SealError);
  expect(() => sealing.open(`sealed:v1:${sealing.keyId}:AA`, PLACE)).toThrow(SealError);
});

test('the salt key of a master key is always the same, and not the master key', () => {
  expect(saltKeyFrom('sk-master')).toBe(saltKeyFrom('sk-master'));
  expect(saltKeyFrom('sk-master')).not.toBe(saltKeyFrom('sk-other'));
  expect(saltKeyFrom('sk-master')).not.toContain('master');
});
