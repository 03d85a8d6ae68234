import { awsFrame } from '../aws-frame.ts';
import type { ProviderFixture } from '../neutral.ts';
import { parse } from '../sse.ts';
import { anthropicEvents, anthropicMessagesProvider } from './anthropic-messages.ts';
import { fault as bedrockFault } from './bedrock-converse.ts';
import { geminiGenerateProvider } from './gemini-generate.ts';

/** Claude where somebody else runs it: no model in the body, the version there instead of in a header. */
export const vertexRawPredictProvider: ProviderFixture = {
  ...anthropicMessagesProvider,
  dialect: 'vertex-raw-predict',
  model: 'claude-sonnet-4-5@20250929',
  hear: (bytes) => heardWithout(bytes, 'vertex-2023-10-16'),
  // what Anthropic says there is Anthropic's, what the door says is Google's
  fault: (kind) => (kind === 'rate-limited' ? geminiGenerateProvider.fault(kind) : anthropicMessagesProvider.fault(kind)),
};

export const bedrockInvokeProvider: ProviderFixture = {
  ...anthropicMessagesProvider,
  dialect: 'bedrock-invoke',
  model: 'anthropic.claude-sonnet-4-5-20250929-v1:0',
  hear: (bytes) => {
    if (parse(bytes).stream !== undefined) throw new Error('the body must not say stream');
    return heardWithout(bytes, 'bedrock-2023-05-31');
  },
  stream: (answer) =>
    anthropicEvents(answer).map((event) => awsFrame('chunk', { bytes: Buffer.from(JSON.stringify(event)).toString('base64'), p: 'abc' })),
  fault: bedrockFault,
  streamFault: () => awsFrame('serviceUnavailableException', { message: 'The model is overloaded.' }, 'exception'),
};

function heardWithout(bytes: Uint8Array, version: string) {
  const body = parse(bytes);
  if (body.model !== undefined) throw new Error('the body must not name the model');
  if (body.anthropic_version !== version) throw new Error(`anthropic_version is ${body.anthropic_version}`);
  return anthropicMessagesProvider.hear(bytes);
}
