import type { ProviderCall, ProviderCodec } from '../dialect-codec.ts';
import { decodeResponse } from '../openai-chat/decode-response.ts';
import { createStreamDecoder } from './decode-stream.ts';
import { deploymentOf, encodeRequest } from './encode-request.ts';
import { mapError } from './map-error.ts';

/**
 * IBM watsonx.ai's chat (https://cloud.ibm.com/apidocs/watsonx-ai#text-chat): OpenAI's messages and answers. Streaming is an address
 * of its own, and so is a deployment, which has its model and its project by itself.
 */
export const watsonxChatProvider: ProviderCodec = {
  path: chatPath,
  headers: () => ({ 'content-type': 'application/json' }),
  cannot: ['topK', 'parallelToolCalls', 'serviceTier'],
  // pictures go as data URLs
  takesMediaUrls: false,
  takesAudio: true,
  encodeRequest,
  decodeResponse,
  createStreamDecoder,
  mapError,
};

function chatPath({ model, stream }: ProviderCall): string {
  const deployment = deploymentOf(model);
  const place = deployment === undefined ? '' : `/deployments/${encodeURIComponent(deployment)}`;
  return `/ml/v1${place}/text/${stream ? 'chat_stream' : 'chat'}`;
}
