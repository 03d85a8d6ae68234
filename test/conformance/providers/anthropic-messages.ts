import type { NeutralAnswer, ProviderFault, ProviderFixture, ProviderReply } from '../neutral.ts';
import { halves, type Json, parse, sse } from '../sse.ts';

const STOP_REASONS = { stop: 'end_turn', length: 'max_tokens', tool_calls: 'tool_use', content_filter: 'refusal' } as const;

export const anthropicMessagesProvider: ProviderFixture = {
  dialect: 'anthropic-messages',
  model: 'claude-sonnet-4-5',
  hear: (bytes) => {
    const body = parse(bytes);
    return {
      system: typeof body.system === 'string' ? body.system : (body.system ?? []).map((block: Json) => block.text).join('\n'),
      turns: body.messages.map(turnOf),
      tools: (body.tools ?? []).map((tool: Json) => tool.name),
      schema: body.output_config?.format?.schema,
      thinks: body.thinking !== undefined && body.thinking.type !== 'disabled',
      maxTokens: body.max_tokens,
    };
  },
  answer: (answer) =>
    Buffer.from(JSON.stringify({ ...headOf(answer), content: blocksOf(answer), stop_reason: STOP_REASONS[answer.finish] })),
  stream: (answer) => anthropicEvents(answer).map((event) => sse(event, event.type)),
  fault,
  streamFault: () => sse({ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }, 'error'),
};

function turnOf(message: Json) {
  const blocks: Json[] = typeof message.content === 'string' ? [{ type: 'text', text: message.content }] : message.content;
  const results = blocks.filter((block) => block.type === 'tool_result');
  return {
    role: results.length > 0 ? ('results' as const) : message.role,
    text: blocks.map((block) => (block.type === 'text' ? block.text : '')).join(''),
    images: blocks.filter((block) => block.type === 'image').length,
    calls: blocks.filter((block) => block.type === 'tool_use').map(({ name, input }) => ({ name, input })),
    results: results.map((block) =>
      typeof block.content === 'string' ? block.content : block.content.map((part: Json) => part.text).join(''),
    ),
    signatures: blocks.filter((block) => block.type === 'thinking').map((block) => block.signature),
  };
}

export function blocksOf(answer: NeutralAnswer): Json[] {
  return [
    ...(answer.thinking ? [{ type: 'thinking', thinking: answer.thinking.text, signature: answer.thinking.signature }] : []),
    ...(answer.text === undefined ? [] : [{ type: 'text', text: answer.text }]),
    ...(answer.calls ?? []).map(({ id, name, input }) => ({ type: 'tool_use', id, name, input })),
  ];
}

export function headOf({ usage }: NeutralAnswer): Json {
  return {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'claude-sonnet-4-5',
    stop_sequence: null,
    usage: { input_tokens: usage.input - usage.cached, cache_read_input_tokens: usage.cached, output_tokens: usage.output },
  };
}

/** The events of a stream, one object each. */
export function anthropicEvents(answer: NeutralAnswer): Json[] {
  const head = headOf(answer);
  return [
    { type: 'message_start', message: { ...head, content: [], stop_reason: null, usage: { ...head.usage, output_tokens: 1 } } },
    { type: 'ping' },
    ...blocksOf(answer).flatMap(blockEvents),
    {
      type: 'message_delta',
      delta: { stop_reason: STOP_REASONS[answer.finish], stop_sequence: null },
      usage: { output_tokens: answer.usage.output },
    },
    { type: 'message_stop' },
  ];
}

function blockEvents(block: Json, index: number): Json[] {
  const delta = (fields: unknown) => ({ type: 'content_block_delta', index, delta: fields });
  const start = (content_block: unknown) => ({ type: 'content_block_start', index, content_block });
  const stop = { type: 'content_block_stop', index };
  if (block.type === 'text') {
    return [start({ type: 'text', text: '' }), ...halves(block.text).map((text) => delta({ type: 'text_delta', text })), stop];
  }
  if (block.type === 'thinking') {
    const thoughts = halves(block.thinking).map((thinking) => delta({ type: 'thinking_delta', thinking }));
    return [
      start({ type: 'thinking', thinking: '', signature: '' }),
      ...thoughts,
      delta({ type: 'signature_delta', signature: block.signature }),
      stop,
    ];
  }
  const input = halves(JSON.stringify(block.input)).map((partial_json) => delta({ type: 'input_json_delta', partial_json }));
  return [start({ ...block, input: {} }), ...input, stop];
}

const FAULTS: Readonly<Record<ProviderFault, readonly [status: number, type: string, message: string]>> = {
  'rate-limited': [429, 'rate_limit_error', 'Number of requests has exceeded your rate limit'],
  overloaded: [529, 'overloaded_error', 'Overloaded'],
  context: [400, 'invalid_request_error', 'prompt is too long: 210000 tokens > 200000 maximum'],
  auth: [401, 'authentication_error', 'invalid x-api-key'],
  quota: [400, 'invalid_request_error', 'Your credit balance is too low to access the Anthropic API.'],
};

export function fault(kind: ProviderFault): ProviderReply {
  const [status, type, message] = FAULTS[kind];
  const headers: Record<string, string> = kind === 'rate-limited' ? { 'retry-after': '7' } : {};
  return { status, headers, body: Buffer.from(JSON.stringify({ type: 'error', error: { type, message } })) };
}
