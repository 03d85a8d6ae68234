import { Sha256 } from '@aws-crypto/sha256-js';
import { HttpRequest } from '@smithy/protocol-http';
import { SignatureV4 } from '@smithy/signature-v4';
import { AwsV4Signer } from 'aws4fetch';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AwsCredentials, type AwsRequest, signAws } from './sign-aws.ts';

const KEYS: AwsCredentials = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  sessionToken: undefined,
};
const SCOPE = { region: 'eu-central-1', service: 'bedrock', at: Date.UTC(2026, 10, 22, 9, 5, 7) };

/** One path segment as `encodeURIComponent` writes it, without the characters that it leaves alone and AWS does not. */
const segment = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
  .map((text) => encodeURIComponent(text.replaceAll(/[!'()*.]/g, 'x')));
const word = fc.stringMatching(/^[A-Za-z0-9_.~: /+=-]{0,10}$/);
const request = fc.record({
  method: fc.constantFrom('POST', 'GET'),
  host: fc.constantFrom('bedrock-runtime.eu-central-1.amazonaws.com', 'localhost:4566'),
  segments: fc.array(segment, { maxLength: 5 }),
  query: fc.uniqueArray(fc.tuple(fc.stringMatching(/^[A-Za-z][A-Za-z0-9_-]{0,8}$/), word), { selector: ([name]) => name, maxLength: 4 }),
  body: fc.string({ maxLength: 200 }),
  trace: fc.stringMatching(/^[ -~]{0,20}$/),
});
const keys = fc.record({
  accessKeyId: fc.stringMatching(/^[A-Z0-9]{16,20}$/),
  secretAccessKey: fc.stringMatching(/^[A-Za-z0-9/+]{40}$/),
  sessionToken: fc.option(fc.stringMatching(/^[A-Za-z0-9/+=]{10,60}$/), { nil: undefined }),
});

describe('a signed request', () => {
  it('is signed as AWS’s own SDK signs it', async () => {
    await fc.assert(
      fc.asyncProperty(
        request,
        keys,
        fc.date({ min: new Date(0), noInvalidDate: true, max: new Date('2100-01-01') }),
        async (asked, credentials, date) => {
          const path = `/${asked.segments.join('/')}`;
          const headers = { 'content-type': 'application/json', 'x-amz-trace': asked.trace };
          const query = asked.query.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&');
          const ours = signAws(
            {
              method: asked.method,
              host: asked.host,
              path: query === '' ? path : `${path}?${query}`,
              headers,
              body: Buffer.from(asked.body),
            },
            credentials,
            { ...SCOPE, at: date.getTime() },
          );
          const signer = new SignatureV4({
            credentials: { ...credentials, sessionToken: credentials.sessionToken ?? '' },
            region: SCOPE.region,
            service: SCOPE.service,
            sha256: Sha256,
            applyChecksum: false,
          });
          const theirs = await signer.sign(
            new HttpRequest({
              method: asked.method,
              hostname: asked.host,
              path,
              query: Object.fromEntries(asked.query),
              headers: { host: asked.host, ...headers },
              body: asked.body,
            }),
            { signingDate: date },
          );
          expect(ours['authorization']).toBe(theirs.headers['authorization']);
          expect(ours['x-amz-security-token']).toBe(theirs.headers['x-amz-security-token']);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('is signed as aws4fetch signs it', async () => {
    await fc.assert(
      fc.asyncProperty(request, keys, async (asked, credentials) => {
        const path = `/${asked.segments.join('/')}`;
        const headers = { 'content-type': 'application/json' };
        const ours = signAws({ method: asked.method, host: asked.host, path, headers, body: Buffer.from(asked.body) }, credentials, SCOPE);
        const { sessionToken, ...permanent } = credentials;
        const theirs = await new AwsV4Signer({
          ...permanent,
          ...(sessionToken === undefined ? {} : { sessionToken }),
          method: asked.method,
          url: `https://${asked.host}${path}`,
          headers,
          body: asked.body,
          region: SCOPE.region,
          service: SCOPE.service,
          datetime: ours['x-amz-date'] ?? '',
          allHeaders: true,
        }).sign();
        expect(ours['authorization']?.replaceAll(', ', ',')).toBe(theirs.headers.get('authorization')?.replaceAll(', ', ','));
      }),
      { numRuns: 200 },
    );
  });

  it('encodes a model’s address once more than it is sent', async () => {
    const model = 'arn:aws:bedrock:eu-central-1:123456789012:inference-profile/eu.anthropic.claude-sonnet-4-5-20250929-v1:0';
    const path = `/model/${encodeURIComponent(model)}/converse-stream`;
    const asked: AwsRequest = { method: 'POST', host: 'h', path, headers: {}, body: Buffer.from('{}') };
    const { accessKeyId, secretAccessKey } = KEYS;
    const credentials = { accessKeyId, secretAccessKey };
    const signer = new SignatureV4({ credentials, region: 'eu-central-1', service: 'bedrock', sha256: Sha256, applyChecksum: false });
    const theirs = await signer.sign(new HttpRequest({ method: 'POST', hostname: 'h', path, headers: { host: 'h' }, body: '{}' }), {
      signingDate: new Date(SCOPE.at),
    });
    expect(signAws(asked, KEYS, SCOPE)['authorization']).toBe(theirs.headers['authorization']);
  });

  it('covers the type and AWS’s own headers, and none that a proxy may change', () => {
    const headers = {
      'content-type': 'application/json',
      'x-amz-target': ' a  b ',
      'x-amzn-trace-id': 't',
      accept: '*/*',
      'user-agent': 'u',
    };
    const signed = signAws(
      { method: 'POST', host: 'h', path: '/', headers, body: Buffer.alloc(0) },
      { ...KEYS, sessionToken: 'token' },
      SCOPE,
    );
    expect(signed['authorization']).toContain('SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target,');
    expect(signed).toMatchObject({ 'x-amz-date': '20261122T090507Z', 'x-amz-security-token': 'token' });
    expect(JSON.stringify(signed)).not.toContain(KEYS.secretAccessKey);
  });

  it('of 500 kB is signed in less than 3 ms', () => {
    const body = Buffer.alloc(500_000, 'x');
    const asked: AwsRequest = {
      method: 'POST',
      host: 'h',
      path: '/model/m/converse',
      headers: { 'content-type': 'application/json' },
      body,
    };
    const times = Array.from({ length: 30 }, () => {
      const start = performance.now();
      signAws(asked, KEYS, SCOPE);
      return performance.now() - start;
    });
    expect(Math.min(...times)).toBeLessThan(3);
  });
});
