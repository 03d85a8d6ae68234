import { expect, test } from 'vitest';
import type { Deployment } from '#config';
import { createRoutingState } from '#routing';
import { contextOfDeployment } from './context-of.ts';

const deployment = (upstreamModel: string, modelInfo: object = {}): Deployment =>
  ({ id: upstreamModel, provider: 'openai', upstreamModel, modelInfo, baseModel: undefined }) as unknown as Deployment;

test('a model that the catalogue knows has its context window, any other none', () => {
  expect(contextOfDeployment(deployment('gpt-4o'))).toBe(128_000);
  expect(contextOfDeployment(deployment('no-such-model'))).toBeUndefined();
});

test('what the configuration says of the longest input goes before the catalogue', () => {
  const board = { loadOf: () => ({}) } as unknown as Parameters<typeof createRoutingState>[0]['board'];
  const { views } = createRoutingState({ board, costOf: () => undefined, knownLimit: contextOfDeployment });
  const { inputLimits } = views.viewOf([deployment('gpt-4o', { max_input_tokens: 5 }), deployment('gpt-4o'), deployment('no-such-model')]);
  expect(inputLimits).toEqual([5, 128_000, Number.POSITIVE_INFINITY]);
});
