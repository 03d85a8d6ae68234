import type { NeutralAnswer, ProviderFault, ProviderFixture, ProviderReply } from '../neutral.ts';
import { halves, type Json, parse } from '../sse.ts';

const REASONS = { stop: 'stop', length: 'length', tool_calls: 'stop', content_filter: 'stop' } as const;

export const ollamaChatProvider: ProviderFixture = {
  dialect: 'ollama-chat',
  model: 'qwen3',
  lacks: ['signatures', 'content_filter', 'cached-usage'],
  hear: (bytes) => {
    const body = parse(bytes);
    return {
      system: body.messages
        .filter((message: Json) => message.role === 'system')
        .map((message: Json) => message.content)
        .join('\n'),
      turns: turnsOf(body.messages.filter((message: Json) => message.role !== 'system')),
      tools: (body.tools ?? []).map((tool: Json) => tool.function.name),
      schema: typeof body.format === 'object' ? body.format : undefined,
      thinks: body.think !== undefined && body.think !== false,
      maxTokens: body.options?.num_predict,
    };
  },
  answer: (answer) => Buffer.from(JSON.stringify(lineOf(messageOf(answer), answer))),
  stream: (answer) => {
    const { thinking, text, calls } = answer;
    const lines = [
      ...halves(thinking?.text ?? '').map((half) => lineOf({ role: 'assistant', content: '', thinking: half })),
      ...halves(text ?? '').map((half) => lineOf({ role: 'assistant', content: half })),
      ...(calls ?? []).map((call) => lineOf(messageOf({ ...answer, text: '', calls: [call], thinking: undefined as never }))),
      lineOf({ role: 'assistant', content: '' }, answer),
    ];
    return lines.map((line) => Buffer.from(`${JSON.stringify(line)}\n`));
  },
  fault,
  streamFault: () => Buffer.from('{"error":"server busy, please try again: overloaded"}\n'),
};

function turnsOf(messages: readonly Json[]) {
  const turns: Json[] = [];
  for (const message of messages) {
    if (message.role === 'tool' && turns.at(-1)?.role === 'results') {
      turns.at(-1).results.push(message.content);
      continue;
    }
    turns.push({
      role: message.role === 'tool' ? 'results' : message.role,
      text: message.role === 'tool' ? '' : message.content,
      images: message.images?.length ?? 0,
      calls: (message.tool_calls ?? []).map((call: Json) => ({ name: call.function.name, input: call.function.arguments })),
      results: message.role === 'tool' ? [message.content] : [],
      signatures: [],
    });
  }
  return turns;
}

function messageOf({ text, thinking, calls }: NeutralAnswer): Json {
  return {
    role: 'assistant',
    content: text ?? '',
    ...(thinking && { thinking: thinking.text }),
    ...(calls && { tool_calls: calls.map(({ name, input }) => ({ function: { name, arguments: input } })) }),
  };
}

function lineOf(message: Json, last?: NeutralAnswer): Json {
  const line = { model: 'qwen3', created_at: '2026-01-01T00:00:00Z', message, done: last !== undefined };
  if (last === undefined) return line;
  return {
    ...line,
    done_reason: REASONS[last.finish],
    total_duration: 1,
    prompt_eval_count: last.usage.input,
    eval_count: last.usage.output,
  };
}

const FAULTS: Readonly<Record<ProviderFault, readonly [status: number, message: string]>> = {
  'rate-limited': [429, 'too many requests'],
  overloaded: [503, 'server busy, please try again.  maximum pending requests exceeded'],
  context: [400, 'the input length exceeds the context length'],
  auth: [401, 'unauthorized'],
  quota: [402, 'you have no credits left'],
};

function fault(kind: ProviderFault): ProviderReply {
  const [status, error] = FAULTS[kind];
  return { status, headers: {}, body: Buffer.from(JSON.stringify({ error })) };
}
