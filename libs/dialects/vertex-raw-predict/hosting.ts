import type { ProviderCall } from '../dialect-codec.ts';
import type { AnthropicHosting } from '../anthropic-messages/hosting.ts';
import { mapError } from './map-error.ts';

/**
 * Claude on Vertex AI: the model and the streaming are in the address, the version in the body
 * (https://platform.claude.com/docs/en/build-with-claude/claude-on-vertex-ai). The base is the publisher's, `…/publishers/anthropic`.
 */
export const VERTEX_HOSTING: AnthropicHosting = {
  path: ({ model, stream }: ProviderCall) => `/models/${modelSegment(model)}:${stream ? 'streamRawPredict' : 'rawPredict'}`,
  addressed: ['model'],
  bodyVersion: 'vertex-2023-10-16',
  betasIn: 'header',
  mapError,
  // Vertex refuses url sources
  takesMediaUrls: false,
};

/** Versions are written with an `@` there, which an address may hold as it is. */
function modelSegment(model: string): string {
  return encodeURIComponent(model).replaceAll('%40', '@');
}
