import type { ClientCodec } from '../dialect-codec.ts';
import { paramName } from '../openai-chat/param-name.ts';
import { decodeRequest } from './decode-request.ts';
import { encodeResponse } from './encode-response.ts';
import { createStreamEncoder } from './encode-stream.ts';

export const openaiCompletionsClient: ClientCodec = { decodeRequest, encodeResponse, createStreamEncoder, paramName };
