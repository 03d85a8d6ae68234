import { expect, test } from 'vitest';
import { createLogger } from './logger.ts';

function capture(log: (logger: ReturnType<typeof createLogger>) => void): string {
  let text = '';
  const destination = { write: (line: string) => void (text += line) };
  log(createLogger({ service: 'worker', instance: 'worker-abc123', level: 'info', destination }));
  return text;
}

test('every line carries service and instance', () => {
  expect(JSON.parse(capture((log) => log.info('hello')))).toMatchObject({
    service: 'worker',
    instance: 'worker-abc123',
    level: 'info',
    msg: 'hello',
  });
});

test.each([
  ['a header', { headers: { authorization: 'Bearer very-secret-1' } }],
  ['a nested header', { req: { headers: { 'x-api-key': 'very-secret-1' } } }],
  ['a field', { apiKey: 'very-secret-1', masterKey: 'very-secret-1' }],
  ['an error message', { err: new Error('connect nats://user:very-secret-1@127.0.0.1:4222') }],
  ['the cause of an error', { err: new Error('outer', { cause: new Error('key sk-very-secret-1') }) }],
])('a secret in %s never reaches the log', (_, object) => {
  const line = capture((log) => log.error(object, 'failed'));
  expect(line).toContain('failed');
  expect(line).not.toContain('secret-1');
});
