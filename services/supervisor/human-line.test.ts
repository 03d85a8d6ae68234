import { expect, test } from 'vitest';
import { readLogLine } from './human-line.ts';

test.each([
  [
    'a service',
    '{"level":"warn","time":1,"service":"worker","instance":"worker-1","provider":"acme","tries":2,"msg":"slow"}',
    { level: 'warn', text: 'slow (provider=acme tries=2)' },
  ],
  [
    'a service with an error',
    '{"level":"error","time":1,"err":{"type":"Error","message":"refused\\nagain","stack":"…"},"msg":"no database"}',
    { level: 'error', text: 'no database – refused again' },
  ],
  ['nats-server', '[42] 2026/11/22 17:00:00.123456 [WRN] Plaintext', { level: 'warn', text: 'Plaintext' }],
  ['Postgres', '2026-11-22 17:10:44.466 UTC [10330] FATAL:  no space', { level: 'error', text: 'no space' }],
  ['Postgres at rest', '2026-11-22 17:10:44.466 UTC [10330] LOG:  ready', { level: 'info', text: 'ready' }],
  ['a crash', '    at Module._load (node:internal)', { level: 'info', text: '    at Module._load (node:internal)' }],
  ['JSON that is no log line', '{"level":3}', { level: 'info', text: '{"level":3}' }],
  ['broken JSON', '{"level":"warn"', { level: 'info', text: '{"level":"warn"' }],
])('a line of %s is understood', (_, line, expected) => {
  expect(readLogLine(line)).toEqual(expected);
});
