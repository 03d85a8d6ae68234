import { expect, it } from 'vitest';
import { createRequestSigner, regionOfHost } from './request-signer.ts';
import { signAws } from './sign-aws.ts';

const KEYS = { accessKeyId: 'AKID', secretAccessKey: 's', sessionToken: undefined };
const REQUEST = {
  origin: 'http://127.0.0.1:4566',
  path: '/model/m/converse',
  headers: { 'content-type': 'application/json' },
  body: Buffer.from('{}'),
};
const SCOPE = { region: 'eu-west-1', service: 'bedrock' };

it('a request is signed at once while credentials are at hand, and when they come else', async () => {
  const expected = signAws({ ...REQUEST, method: 'POST', host: '127.0.0.1:4566' }, KEYS, { ...SCOPE, at: 5_000 });
  expect(createRequestSigner({ credentials: () => KEYS }, SCOPE, () => 5_000)(REQUEST)).toEqual(expected);
  expect(await createRequestSigner({ credentials: () => Promise.resolve(KEYS) }, SCOPE, () => 5_000)(REQUEST)).toEqual(expected);
});

it.each([
  ['bedrock-runtime.eu-central-1.amazonaws.com', 'eu-central-1'],
  ['runtime.sagemaker.us-gov-west-1.amazonaws.com', 'us-gov-west-1'],
  ['bedrock-runtime.cn-north-1.amazonaws.com.cn', 'cn-north-1'],
  ['vpce-1-a.bedrock-runtime.us-east-1.vpce.amazonaws.com', 'us-east-1'],
  ['localhost', undefined],
  ['bedrock.example.com', undefined],
])('%s is in %s', (host, region) => {
  expect(regionOfHost(host)).toBe(region);
});
