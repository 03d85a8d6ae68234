import { expect, test } from 'vitest';
import { findNatsServer } from './find-nats-server.ts';

const only =
  (...files: string[]) =>
  (file: string) =>
    files.includes(file);

test('NATS_SERVER_BIN wins over PATH', () => {
  expect(findNatsServer({ NATS_SERVER_BIN: '/a/nats', PATH: '/b' }, only('/a/nats', '/b/nats-server'))).toBe('/a/nats');
});

test('a NATS_SERVER_BIN that can not be run is an error, not skipped', () => {
  expect(() => findNatsServer({ NATS_SERVER_BIN: '/a/nats', PATH: '/b' }, only('/b/nats-server'))).toThrow(/NATS_SERVER_BIN.*\/a\/nats/);
});

test('PATH is searched in order, then the system folders', () => {
  expect(findNatsServer({ PATH: '/a:/b' }, only('/b/nats-server', '/usr/sbin/nats-server'))).toBe('/b/nats-server');
  expect(findNatsServer({ PATH: '/a' }, only('/usr/sbin/nats-server'))).toBe('/usr/sbin/nats-server');
  expect(findNatsServer({}, only())).toBeUndefined();
});
