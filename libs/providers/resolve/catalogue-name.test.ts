import { expect, it } from 'vitest';
import { catalogueName } from './catalogue-name.ts';

it.each([
  ['bedrock', 'invoke/anthropic.claude-3-haiku-20240307-v1:0', 'aws', 'anthropic.claude-3-haiku-20240307-v1:0'],
  ['bedrock', 'anthropic.claude-3-haiku-20240307-v1:0', 'aws', 'anthropic.claude-3-haiku-20240307-v1:0'],
  ['openai', 'responses/gpt-5', 'openai', 'gpt-5'],
  ['hosted_vllm', 'invoke/x', undefined, 'invoke/x'],
  ['nobody', 'x', undefined, 'x'],
])('a model is priced by the name it has at its provider: %s/%s', (provider, model, pricesAs, name) => {
  expect(catalogueName({ provider, upstreamModel: model })).toEqual({ pricesAs, upstreamModel: name });
});
