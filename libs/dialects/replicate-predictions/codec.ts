import type { ProviderCodec } from '../dialect-codec.ts';
import { createLineSplitter } from '../ndjson/split-lines.ts';
import { decodeResponse } from './decode-response.ts';
import { createStreamDecoder } from './decode-stream.ts';
import { encodeRequest } from './encode-request.ts';
import { followUp } from './follow-up.ts';
import { mapError } from './map-error.ts';
import { readModel } from './read-model.ts';

/**
 * Predictions of Replicate's language models (https://replicate.com/docs/reference/http): one prompt in, pieces of text out. A
 * prediction is made by one request and read by others until it is finished (`followUp`); a stream is what each reading has more than
 * the one before, as the address of Replicate's own event stream lies at another host, which must not be sent where an answer says.
 */
export const replicatePredictionsProvider: ProviderCodec = {
  path: ({ model }) => readModel(model).path,
  // the API then answers as soon as the prediction is finished, or after a minute
  headers: (_client, { stream }) => ({ 'content-type': 'application/json', ...(stream ? {} : { prefer: 'wait' }) }),
  openFraming: createLineSplitter,
  cannot: ['parallelToolCalls', 'outputFormat', 'reasoningEffort', 'reasoningBudget', 'serviceTier'],
  takesMediaUrls: true,
  encodeRequest,
  decodeResponse,
  createStreamDecoder,
  followUp,
  mapError,
};
