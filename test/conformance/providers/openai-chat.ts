import type { HeardRequest, NeutralAnswer, ProviderFault, ProviderFixture, ProviderReply } from '../neutral.ts';
import { halves, type Json, parse, sse } from '../sse.ts';

export const openaiChatProvider: ProviderFixture = {
  dialect: 'openai-chat',
  model: 'gpt-5',
  lacks: ['signatures'],
  hear: (bytes) => {
    const body = parse(bytes);
    const system = body.messages.filter((message: Json) => message.role === 'system' || message.role === 'developer');
    return {
      system: system.map((message: Json) => textOf(message.content)).join('\n'),
      turns: turnsOf(body.messages.filter((message: Json) => !system.includes(message))),
      tools: (body.tools ?? []).map((tool: Json) => tool.function.name),
      schema: body.response_format?.json_schema?.schema,
      thinks: body.reasoning_effort !== undefined,
      maxTokens: body.max_completion_tokens ?? body.max_tokens,
    };
  },
  answer: (answer) =>
    Buffer.from(
      JSON.stringify({
        id: 'chatcmpl-1',
        object: 'chat.completion',
        created: 1,
        model: 'gpt-5',
        choices: [{ index: 0, finish_reason: answer.finish, message: messageOf(answer) }],
        usage: usageOf(answer),
      }),
    ),
  stream: (answer) => {
    const chunk = (delta: unknown, finish: string | null = null) =>
      sse({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'gpt-5', choices: [{ index: 0, delta, finish_reason: finish }] });
    return [
      chunk({ role: 'assistant', content: '' }),
      ...halves(answer.thinking?.text ?? '').map((text) => chunk({ reasoning_content: text })),
      ...halves(answer.text ?? '').map((text) => chunk({ content: text })),
      ...(answer.calls ?? []).flatMap(({ id, name, input }, index) => [
        chunk({ tool_calls: [{ index, id, type: 'function', function: { name, arguments: '' } }] }),
        ...halves(JSON.stringify(input)).map((text) => chunk({ tool_calls: [{ index, function: { arguments: text } }] })),
      ]),
      chunk({}, answer.finish),
      sse({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'gpt-5', choices: [], usage: usageOf(answer) }),
      sse('[DONE]'),
    ];
  },
  fault,
  streamFault: () => sse({ error: { message: 'The engine is currently overloaded', type: 'server_error', code: 'overloaded' } }),
};

export function turnsOf(messages: readonly Json[]): HeardRequest['turns'] {
  const turns: Json[] = [];
  for (const message of messages) {
    const role = message.role === 'tool' ? 'results' : message.role;
    const text = textOf(message.content);
    const last = turns.at(-1);
    if (role === 'results' && last?.role === 'results') {
      last.results.push(text);
      continue;
    }
    turns.push({
      role,
      text: role === 'results' ? '' : text,
      images: Array.isArray(message.content) ? message.content.filter((part: Json) => part.type === 'image_url').length : 0,
      calls: (message.tool_calls ?? []).map((call: Json) => ({ name: call.function.name, input: JSON.parse(call.function.arguments) })),
      results: role === 'results' ? [text] : [],
      signatures: [],
    });
  }
  return turns;
}

function textOf(content: Json): string {
  if (typeof content === 'string') return content;
  return (content ?? []).map((part: Json) => part.text ?? '').join('');
}

export function messageOf(answer: NeutralAnswer): Json {
  return {
    role: 'assistant',
    content: answer.text ?? null,
    ...(answer.thinking && { reasoning_content: answer.thinking.text }),
    ...(answer.calls && {
      tool_calls: answer.calls.map(({ id, name, input }) => ({
        id,
        type: 'function',
        function: { name, arguments: JSON.stringify(input) },
      })),
    }),
  };
}

export function usageOf({ usage }: NeutralAnswer): Json {
  return {
    prompt_tokens: usage.input,
    completion_tokens: usage.output,
    total_tokens: usage.input + usage.output,
    prompt_tokens_details: { cached_tokens: usage.cached },
  };
}

const FAULTS: Readonly<Record<ProviderFault, readonly [status: number, type: string, code: string | null, message: string]>> = {
  'rate-limited': [429, 'requests', 'rate_limit_exceeded', 'Rate limit reached'],
  overloaded: [503, 'server_error', null, 'The engine is currently overloaded'],
  context: [400, 'invalid_request_error', 'context_length_exceeded', "This model's maximum context length is 8192 tokens."],
  auth: [401, 'invalid_request_error', 'invalid_api_key', 'Incorrect API key provided'],
  quota: [429, 'insufficient_quota', 'insufficient_quota', 'You exceeded your current quota'],
};

export function fault(kind: ProviderFault): ProviderReply {
  const [status, type, code, message] = FAULTS[kind];
  const headers: Record<string, string> = kind === 'rate-limited' ? { 'retry-after': '7' } : {};
  return { status, headers, body: Buffer.from(JSON.stringify({ error: { message, type, code, param: null } })) };
}
