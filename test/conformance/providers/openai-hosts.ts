import { awsFrame } from '../aws-frame.ts';
import type { ProviderFault, ProviderFixture, ProviderReply } from '../neutral.ts';
import { parse } from '../sse.ts';
import { fault as bedrockFault } from './bedrock-converse.ts';
import { openaiChatProvider } from './openai-chat.ts';

/** OpenAI's format with a difference each. */
export const mistralChatProvider: ProviderFixture = {
  ...openaiChatProvider,
  dialect: 'mistral-chat',
  model: 'magistral-medium-latest',
  lacks: ['signatures', 'thinking'],
  hear: (bytes) => {
    for (const message of parse(bytes).messages) {
      for (const call of message.tool_calls ?? [])
        if (!/^[a-zA-Z0-9]{9}$/.test(call.id)) throw new Error(`tool call id ${call.id} is not Mistral's`);
    }
    return openaiChatProvider.hear(bytes);
  },
  fault: mistralFault,
  streamFault: undefined as never,
};

const MISTRAL_FAULTS: Readonly<Record<ProviderFault, readonly [status: number, type: string, code: string, message: string]>> = {
  'rate-limited': [429, 'rate_limited', '1300', 'Rate limit exceeded'],
  overloaded: [503, 'service_tier_capacity_exceeded', '3505', 'Service tier capacity exceeded for this model.'],
  context: [400, 'invalid_request_prompt', '3051', 'Prompt contains 140000 tokens, too large for model with 131072 maximum context length'],
  auth: [401, 'unauthorized', '1000', 'Unauthorized'],
  quota: [402, 'payment_required', '1100', 'You have no credits left.'],
};

function mistralFault(kind: ProviderFault): ProviderReply {
  const [status, type, code, message] = MISTRAL_FAULTS[kind];
  const headers: Record<string, string> = kind === 'rate-limited' ? { 'retry-after': '7' } : {};
  return { status, headers, body: Buffer.from(JSON.stringify({ object: 'error', message, type, param: null, code })) };
}

export const sagemakerInvokeProvider: ProviderFixture = {
  ...openaiChatProvider,
  dialect: 'sagemaker-invoke',
  model: 'my-endpoint',
  // the container speaks OpenAI's format; its frames cut the events anywhere
  stream: (answer) => {
    const bytes = Buffer.concat(openaiChatProvider.stream(answer));
    const frames: Uint8Array[] = [];
    for (let at = 0; at < bytes.length; at += 50) frames.push(awsFrame('PayloadPart', bytes.subarray(at, at + 50)));
    return frames;
  },
  fault: bedrockFault,
  streamFault: () => awsFrame('ModelStreamError', { Message: 'The container is overloaded', ErrorCode: 'StreamBroken' }, 'exception'),
};

export const watsonxChatProvider: ProviderFixture = {
  ...openaiChatProvider,
  dialect: 'watsonx-chat',
  model: 'meta-llama/llama-3-3-70b-instruct',
  lacks: ['signatures', 'thinking'],
  hear: (bytes) => {
    const body = parse(bytes);
    if (body.model_id !== 'meta-llama/llama-3-3-70b-instruct') throw new Error(`model_id is ${body.model_id}`);
    if (body.stream !== undefined) throw new Error('streaming is another path, not a field');
    return openaiChatProvider.hear(bytes);
  },
  fault: watsonxFault,
  streamFault: undefined as never,
};

const WATSONX_FAULTS: Readonly<Record<ProviderFault, readonly [status: number, code: string, message: string]>> = {
  'rate-limited': [429, 'too_many_requests', 'Rate limit reached'],
  overloaded: [503, 'service_unavailable', 'The service is overloaded'],
  context: [400, 'invalid_input_argument', 'the number of input tokens 9000 cannot exceed the maximum context length of 8192'],
  auth: [401, 'authentication_token_expired', 'Failed to authenticate the request due to an expired token'],
  quota: [403, 'token_quota_reached', 'This request exceeds the token quota of the plan'],
};

function watsonxFault(kind: ProviderFault): ProviderReply {
  const [status, code, message] = WATSONX_FAULTS[kind];
  return { status, headers: {}, body: Buffer.from(JSON.stringify({ errors: [{ code, message }], trace: 'x', status_code: status })) };
}
