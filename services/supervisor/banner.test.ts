import { expect, test } from 'vitest';
import { publicUrl, renderBanner } from './banner.ts';

test('the command to paste reads the key from its file and names a model', () => {
  const banner = renderBanner({
    url: 'http://127.0.0.1:4000',
    masterKey: { kind: 'file', path: '/data/master-key' },
    model: 'planner',
    logsDir: '/data/logs',
  });
  expect(banner).toContain('Headrace is ready at http://127.0.0.1:4000');
  expect(banner).toContain('-H "Authorization: Bearer $(cat /data/master-key)"');
  expect(banner).toContain('"model":"planner"');
  expect(banner).toContain('/data/logs');
});

test('a path with blanks and quotes stays one word', () => {
  const path = "/my data/it's/master-key";
  const banner = renderBanner({ url: 'u', masterKey: { kind: 'file', path }, model: undefined, logsDir: 'l' });
  expect(banner).toContain(String.raw`$(cat '/my data/it'\''s/master-key')`);
});

test('a key from a variable is named by it', () => {
  const banner = renderBanner({ url: 'u', masterKey: { kind: 'environment', variable: 'LITELLM_MASTER_KEY' }, model: 'm', logsDir: 'l' });
  expect(banner).toContain('Bearer $LITELLM_MASTER_KEY"');
});

test.each([
  ['127.0.0.1', 'http://127.0.0.1:4000'],
  ['0.0.0.0', 'http://127.0.0.1:4000'],
  ['::', 'http://127.0.0.1:4000'],
  ['::1', 'http://[::1]:4000'],
  ['gateway.local', 'http://gateway.local:4000'],
])('listening on %s is reached at %s', (host, url) => {
  expect(publicUrl(host, 4000)).toBe(url);
});
