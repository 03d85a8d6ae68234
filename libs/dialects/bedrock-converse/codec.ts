import { createAwsEventStreamSplitter } from '../aws-event-stream/split-frames.ts';
import { takesPrefill } from '../anthropic-messages/codec.ts';
import type { ProviderCodec } from '../dialect-codec.ts';
import { decodeResponse } from './decode-response.ts';
import { createStreamDecoder } from './decode-stream.ts';
import { encodeRequest } from './encode-request.ts';
import { mapError } from './map-error.ts';
import { cannotOf, familyOf } from './model-family.ts';

/** Bedrock's one format for all models (https://docs.aws.amazon.com/bedrock/latest/userguide/conversation-inference.html). */
export const bedrockConverseProvider: ProviderCodec = {
  // an ARN has slashes and colons, which are part of one segment
  path: ({ model, stream }) => `/model/${encodeURIComponent(model)}/${stream ? 'converse-stream' : 'converse'}`,
  openFraming: () => createAwsEventStreamSplitter(),
  cannot: ['frequencyPenalty', 'presencePenalty', 'seed'],
  cannotOf,
  takesMediaUrls: false,
  takesPrefill: (model, request) => familyOf(model) === 'claude' && takesPrefill(model, request),
  takesAudio: true,
  headers: () => ({ 'content-type': 'application/json' }),
  encodeRequest,
  decodeResponse,
  createStreamDecoder,
  mapError,
};
