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
  ['http://host:11434/api', '/api/chat', 'http://host:11434/api/chat'],
  ['https://host/apis', '/api/chat', 'https://host/apis/api/chat'],
  ['https://host/openai/deployments/a', '/openai/deployments/a/chat/completions', 'https://host/openai/deployments/a/chat/completions'],
  ['https://host', '/v1beta/models/a:b?alt=sse', 'https://host/v1beta/models/a:b?alt=sse'],
  ['https://host/v1beta?key=1', '/v1beta/models/a:b?alt=sse', 'https://host/v1beta/models/a:b?key=1&alt=sse'],
])('%s and %s make %s', (base, path, url) => {
  expect(joinUpstreamUrl(base, path).href).toBe(url);
});
