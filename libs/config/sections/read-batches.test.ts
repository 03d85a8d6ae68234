import { expect, test } from 'vitest';
import { ConfigError } from '../config-error.ts';
import { parseConfig } from '../parse-config.ts';
import { DEFAULT_BATCHES } from './read-batches.ts';

function parse(batches: string) {
  const text = `headrace: { batches: ${batches} }`;
  return parseConfig(text, { file: 'config.yaml', env: { SECRET: 'hush' }, providers: new Set(['openai']) }).batches;
}

test('files are kept in the database, within OpenAI’s limits, unless it says otherwise', () => {
  expect(parse('{}')).toEqual({ ...DEFAULT_BATCHES, s3: undefined });
  expect(DEFAULT_BATCHES).toMatchObject({ maxRequests: 50_000, maxFileBytes: 209_715_200 });
});

test('counts requests, megabytes and days', () => {
  expect(parse('{ max_requests: 10, max_file_mb: 1.5, in_flight: 3, output_ttl_days: 2 }')).toMatchObject({
    maxRequests: 10,
    maxFileBytes: 1_572_864,
    inFlight: 3,
    outputTtlMs: 172_800_000,
  });
});

test('a bucket has its keys as references', () => {
  expect(parse('{ s3: { bucket: b, access_key_id: id, secret_access_key: os.environ/SECRET } }')?.s3).toEqual({
    bucket: 'b',
    region: 'us-east-1',
    endpoint: undefined,
    prefix: '',
    accessKeyId: { literal: 'id' },
    secretAccessKey: { env: 'SECRET' },
  });
});

test.each(['{ max_request: 10 }', '{ in_flight: 0 }', '{ s3: { bucket: b } }', '{ s3: { bucket: b, key: c } }'])('refuses %s', (text) => {
  expect(() => parse(text)).toThrow(ConfigError);
});
