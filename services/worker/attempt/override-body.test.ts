import { expect, test } from 'vitest';
import { overrideBody } from './override-body.ts';

const candidate = { deploymentId: 'd', provider: 'p', tier: 'standard', modelGroup: 'g' };
const body = Buffer.from(
  JSON.stringify({
    model: 'm',
    stream: true,
    temperature: 1,
    messages: ['long'],
    fallbacks: ['a', { model: 'b', stream: false, messages: ['short'], seed: 7 }],
  }),
);

test('a fallback with fields of its own replaces those of the request, but neither its model nor its streaming', () => {
  const changed = JSON.parse(Buffer.from(overrideBody(body, { ...candidate, overrides: 1 })).toString());
  expect(changed).toMatchObject({ model: 'm', stream: true, temperature: 1, messages: ['short'], seed: 7 });
});

test.each([undefined, 0, 5])('any other candidate gets the bytes of the client (overrides %s)', (overrides) => {
  expect(overrideBody(body, { ...candidate, overrides })).toBe(body);
});
