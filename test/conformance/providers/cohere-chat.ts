import type { NeutralAnswer, ProviderFault, ProviderFixture, ProviderReply } from '../neutral.ts';
import { halves, type Json, parse, sse } from '../sse.ts';
import { turnsOf } from './openai-chat.ts';

const FINISHES = { stop: 'COMPLETE', length: 'MAX_TOKENS', tool_calls: 'TOOL_CALL', content_filter: 'ERROR' } as const;

export const cohereChatProvider: ProviderFixture = {
  dialect: 'cohere-chat',
  model: 'command-a-reasoning-08-2025',
  lacks: ['signatures', 'content_filter', 'cached-usage'],
  hear: (bytes) => {
    const body = parse(bytes);
    return {
      system: body.messages
        .filter((message: Json) => message.role === 'system')
        .map((message: Json) => textOf(message.content))
        .join('\n'),
      turns: turnsOf(body.messages.filter((message: Json) => message.role !== 'system').map(flat)),
      tools: (body.tools ?? []).map((tool: Json) => tool.function.name),
      schema: body.response_format?.json_schema ?? body.response_format?.schema,
      thinks: body.thinking?.type === 'enabled',
      maxTokens: body.max_tokens,
    };
  },
  answer: (answer) =>
    Buffer.from(JSON.stringify({ id: 'x', finish_reason: FINISHES[answer.finish], message: messageOf(answer), usage: usageOf(answer) })),
  stream: (answer) => {
    const { thinking, text, calls = [], finish } = answer;
    const content = [
      ...(thinking ? [{ type: 'thinking', value: thinking.text }] : []),
      ...(text === undefined ? [] : [{ type: 'text', value: text }]),
    ];
    const bodies: Json[] = [
      {
        type: 'message-start',
        id: 'x',
        delta: { message: { role: 'assistant', content: [], tool_plan: '', tool_calls: [], citations: [] } },
      },
      ...content.flatMap(({ type, value }, index) => [
        { type: 'content-start', index, delta: { message: { content: { type, [type]: '' } } } },
        ...halves(value).map((half) => ({ type: 'content-delta', index, delta: { message: { content: { [type]: half } } } })),
        { type: 'content-end', index },
      ]),
      ...calls.flatMap(({ id, name, input }, index) => [
        { type: 'tool-call-start', index, delta: { message: { tool_calls: { id, type: 'function', function: { name, arguments: '' } } } } },
        ...halves(JSON.stringify(input)).map((half) => ({
          type: 'tool-call-delta',
          index,
          delta: { message: { tool_calls: { function: { arguments: half } } } },
        })),
        { type: 'tool-call-end', index },
      ]),
      { type: 'message-end', id: 'x', delta: { finish_reason: FINISHES[finish], usage: usageOf(answer) } },
    ];
    return bodies.map((body) => sse(body, body.type));
  },
  fault,
};

function textOf(content: Json): string {
  return typeof content === 'string' ? content : content.map((part: Json) => part.text ?? '').join('');
}

/** A tool result may be text, parts or documents. */
function flat(message: Json): Json {
  if (message.role !== 'tool' || typeof message.content === 'string') return message;
  return { ...message, content: message.content.map((part: Json) => part.text ?? JSON.stringify(part.document?.data)).join('') };
}

function messageOf({ thinking, text, calls }: NeutralAnswer): Json {
  return {
    role: 'assistant',
    content: [
      ...(thinking ? [{ type: 'thinking', thinking: thinking.text }] : []),
      ...(text === undefined ? [] : [{ type: 'text', text }]),
    ],
    ...(calls && {
      tool_plan: '',
      tool_calls: calls.map(({ id, name, input }) => ({ id, type: 'function', function: { name, arguments: JSON.stringify(input) } })),
    }),
  };
}

function usageOf({ usage }: NeutralAnswer): Json {
  const tokens = { input_tokens: usage.input, output_tokens: usage.output };
  return { billed_units: tokens, tokens };
}

const FAULTS: Readonly<Record<ProviderFault, readonly [status: number, message: string]>> = {
  'rate-limited': [429, 'You are past the per minute request limit, please wait and try again later.'],
  overloaded: [503, 'the model is currently overloaded'],
  context: [400, 'too many tokens: total number of tokens in the prompt exceeds the maximum context length of 256000'],
  auth: [401, 'invalid api token'],
  quota: [402, 'Please add or update your payment method to continue: you have no credits'],
};

function fault(kind: ProviderFault): ProviderReply {
  const [status, message] = FAULTS[kind];
  return { status, headers: {}, body: Buffer.from(JSON.stringify({ id: 'x', message })) };
}
