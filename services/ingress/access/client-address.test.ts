import { expect, test } from 'vitest';
import { addressFilter, clientAddress } from './client-address.ts';

test.each<[string | undefined, string | undefined, string | undefined]>([
  ['10.1.2.3', undefined, '10.1.2.3'],
  ['10.1.2.3', '203.0.113.7', '203.0.113.7'],
  ['10.1.2.3', '198.51.100.1, 203.0.113.7', '203.0.113.7'],
  ['10.1.2.3', '203.0.113.7:5123', '203.0.113.7'],
  ['10.1.2.3', '[2001:db8::1]:443', '2001:db8::1'],
  ['10.1.2.3', '2001:db8::1', '2001:db8::1'],
  ['fe80::1%eth0', undefined, 'fe80::1'],
  ['10.1.2.3', 'unknown', undefined],
  ['10.1.2.3', '203.0.113.7,', undefined],
  [undefined, undefined, undefined],
])('the client of a connection from %s with X-Forwarded-For %j is %s', (remoteAddress, forwardedFor, address) => {
  expect(clientAddress({ remoteAddress, forwardedFor })).toBe(address);
});

const isAllowed = addressFilter(['203.0.113.7', '10.0.0.0/8', '2001:db8::/32', '::1']);

test.each([
  ['203.0.113.7', true],
  ['203.0.113.8', false],
  ['10.255.0.1', true],
  ['11.0.0.1', false],
  ['::ffff:10.0.0.1', true],
  ['::ffff:11.0.0.1', false],
  ['2001:db8:ffff::1', true],
  ['2001:db9::1', false],
  ['::1', true],
  ['127.0.0.1', false],
])('%s is let in: %j', (address, allowed) => {
  expect(isAllowed(address)).toBe(allowed);
});
