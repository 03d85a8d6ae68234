import { awsFrame } from '../aws-frame.ts';
import type { NeutralAnswer, ProviderFault, ProviderFixture, ProviderReply } from '../neutral.ts';
import { halves, type Json, parse } from '../sse.ts';

/** Claude is brought to a schema by the forced call of a tool that has it. */
const ANSWER_TOOL = 'headrace_json_answer';
const STOP_REASONS = { stop: 'end_turn', length: 'max_tokens', tool_calls: 'tool_use', content_filter: 'content_filtered' } as const;

export const bedrockConverseProvider: ProviderFixture = {
  dialect: 'bedrock-converse',
  model: 'anthropic.claude-sonnet-4-5-20250929-v1:0',
  hear: (bytes) => {
    const body = parse(bytes);
    const extra = body.additionalModelRequestFields ?? {};
    const specs: Json[] = (body.toolConfig?.tools ?? []).map((tool: Json) => tool.toolSpec);
    return {
      system: (body.system ?? []).map((block: Json) => block.text ?? '').join(''),
      turns: body.messages.map(turnOf),
      tools: specs.map((spec) => spec.name).filter((name) => name !== ANSWER_TOOL),
      schema: specs.find((spec) => spec.name === ANSWER_TOOL)?.inputSchema.json ?? schemaOf(body.outputConfig),
      thinks: extra.thinking !== undefined,
      maxTokens: body.inferenceConfig?.maxTokens,
    };
  },
  answer: (answer) =>
    Buffer.from(
      JSON.stringify({
        output: { message: { role: 'assistant', content: blocksOf(answer) } },
        stopReason: STOP_REASONS[answer.finish],
        usage: usageOf(answer),
        metrics: { latencyMs: 1 },
      }),
    ),
  stream: (answer) => [
    awsFrame('messageStart', { role: 'assistant' }),
    ...blocksOf(answer).flatMap(blockFrames),
    awsFrame('messageStop', { stopReason: STOP_REASONS[answer.finish] }),
    awsFrame('metadata', { usage: usageOf(answer), metrics: { latencyMs: 1 } }),
  ],
  fault,
  streamFault: () =>
    awsFrame('serviceUnavailableException', { message: 'Bedrock is unable to process your request: overloaded.' }, 'exception'),
};

function schemaOf(config: Json): Json {
  const schema = config?.textFormat?.structure?.jsonSchema?.schema;
  return typeof schema === 'string' ? JSON.parse(schema) : schema;
}

function turnOf({ role, content }: Json) {
  const results = content.filter((block: Json) => block.toolResult);
  return {
    role: results.length > 0 ? ('results' as const) : role,
    text: content.map((block: Json) => block.text ?? '').join(''),
    images: content.filter((block: Json) => block.image).length,
    calls: content.filter((block: Json) => block.toolUse).map(({ toolUse }: Json) => ({ name: toolUse.name, input: toolUse.input })),
    results: results.map(({ toolResult }: Json) => toolResult.content.map((part: Json) => part.text ?? JSON.stringify(part.json)).join('')),
    signatures: content.map((block: Json) => block.reasoningContent?.reasoningText?.signature).filter(Boolean),
  };
}

function blocksOf({ thinking, text, calls }: NeutralAnswer): Json[] {
  return [
    ...(thinking ? [{ reasoningContent: { reasoningText: { text: thinking.text, signature: thinking.signature } } }] : []),
    ...(text === undefined ? [] : [{ text }]),
    ...(calls ?? []).map(({ id, name, input }) => ({ toolUse: { toolUseId: id, name, input } })),
  ];
}

function blockFrames(block: Json, contentBlockIndex: number): Uint8Array[] {
  const delta = (fields: Json) => awsFrame('contentBlockDelta', { contentBlockIndex, delta: fields });
  const stop = awsFrame('contentBlockStop', { contentBlockIndex });
  if (block.text !== undefined) return [...halves(block.text).map((text) => delta({ text })), stop];
  if (block.reasoningContent) {
    const { text, signature } = block.reasoningContent.reasoningText;
    return [...halves(text).map((half) => delta({ reasoningContent: { text: half } })), delta({ reasoningContent: { signature } }), stop];
  }
  const { toolUseId, name, input } = block.toolUse;
  const start = awsFrame('contentBlockStart', { contentBlockIndex, start: { toolUse: { toolUseId, name } } });
  return [start, ...halves(JSON.stringify(input)).map((half) => delta({ toolUse: { input: half } })), stop];
}

function usageOf({ usage }: NeutralAnswer): Json {
  const fresh = usage.input - usage.cached;
  return {
    inputTokens: fresh,
    outputTokens: usage.output,
    totalTokens: usage.input + usage.output,
    cacheReadInputTokens: usage.cached,
    cacheWriteInputTokens: 0,
  };
}

const FAULTS: Readonly<Record<ProviderFault, readonly [status: number, type: string, message: string]>> = {
  'rate-limited': [429, 'ThrottlingException', 'Too many requests, please wait before trying again.'],
  overloaded: [503, 'ServiceUnavailableException', 'The service is temporarily unable to handle the request: overloaded.'],
  context: [400, 'ValidationException', 'The model returned the following errors: Input is too long for requested model.'],
  auth: [403, 'UnrecognizedClientException', 'The security token included in the request is invalid.'],
  quota: [400, 'ServiceQuotaExceededException', 'Your request exceeds the service quota for your account.'],
};

export function fault(kind: ProviderFault): ProviderReply {
  const [status, type, message] = FAULTS[kind];
  return {
    status,
    headers: { 'x-amzn-errortype': `${type}:http://internal.amazon.com/coral/` },
    body: Buffer.from(JSON.stringify({ message })),
  };
}
