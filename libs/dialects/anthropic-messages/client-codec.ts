import type { ClientCodec } from '../dialect-codec.ts';
import { decodeRequest } from './decode-request.ts';
import { encodeResponse } from './encode-response.ts';
import { createStreamEncoder } from './encode-stream.ts';
import { paramName } from './param-name.ts';

export const anthropicMessagesClient: ClientCodec = {
  decodeRequest,
  encodeResponse,
  createStreamEncoder,
  paramName,
  // Claude Code asks every model for adaptive thinking with an effort
  advice: ['reasoningEffort', 'reasoningBudget'],
};
