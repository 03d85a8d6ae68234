import { expect, it } from 'vitest';
import { joinUpstreamUrl } from './join-upstream-url.ts';

it.each([
  ['https://api.openai.com/v1', '/chat/completions', 'https://api.openai.com/v1/chat/completions'],
  ['http://host:8000/', '/chat/completions', 'http://host:8000/chat/completions'],
  ['https://host/v1/chat/completions', '/chat/completions', 'https://host/v1/chat/completions'],
  ['https://api.anthropic.com', '/v1/messages', 'https://api.anthropic.com/v1/messages'],
  ['https://api.anthropic.com/v1/', '/v1/messages', 'https://api.anthropic.com/v1/messages'],
  ['https://host/a/v1/messages', '/v1/messages', 'https://host/a/v1/messages'],
  ['https://host/x?api-version=1', '/chat/completions', 'https://host/x/chat/completions?api-version=1'],
])('%s and %s make %s', (base, path, url) => {
  expect(joinUpstreamUrl(base, path).href).toBe(url);
});
