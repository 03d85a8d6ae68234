import type { NeutralAnswer, ProviderFixture } from '../neutral.ts';
import { halves, type Json, parse, sse } from '../sse.ts';
import { fault } from './openai-chat.ts';

export const openaiResponsesProvider: ProviderFixture = {
  dialect: 'openai-responses',
  model: 'gpt-5',
  hear: (bytes) => {
    const body = parse(bytes);
    const items: Json[] = typeof body.input === 'string' ? [{ role: 'user', content: body.input }] : body.input;
    const system = items.filter((item) => item.role === 'system' || item.role === 'developer').map((item) => textOf(item.content));
    return {
      system: [...(body.instructions ? [body.instructions] : []), ...system].join('\n'),
      turns: turnsOf(items.filter((item) => item.role !== 'system' && item.role !== 'developer')),
      tools: (body.tools ?? []).map((tool: Json) => tool.name),
      schema: body.text?.format?.schema,
      thinks: body.reasoning?.effort !== undefined,
      maxTokens: body.max_output_tokens,
    };
  },
  answer: (answer) => Buffer.from(JSON.stringify(responseOf(answer, itemsOf(answer)))),
  stream,
  fault,
  streamFault: () =>
    sse(
      { type: 'error', code: 'server_is_overloaded', message: 'The server is currently overloaded', param: null, sequence_number: 9 },
      'error',
    ),
};

function textOf(content: Json): string {
  return typeof content === 'string' ? content : content.map((part: Json) => part.text ?? '').join('');
}

function turnsOf(items: readonly Json[]) {
  const turns: Json[] = [];
  const turn = (role: string): Json => {
    const last = turns.at(-1);
    if (last?.role === role) return last;
    turns.push({ role, text: '', images: 0, calls: [], results: [], signatures: [] });
    return turns.at(-1);
  };
  for (const item of items) {
    if (item.type === 'function_call') turn('assistant').calls.push({ name: item.name, input: JSON.parse(item.arguments) });
    else if (item.type === 'function_call_output') turn('results').results.push(textOf(item.output));
    else if (item.type === 'reasoning') turn('assistant').signatures.push(item.encrypted_content);
    else {
      turn(item.role).text += textOf(item.content);
      if (Array.isArray(item.content)) turn(item.role).images += item.content.filter((part: Json) => part.type === 'input_image').length;
    }
  }
  return turns;
}

function itemsOf(answer: NeutralAnswer): Json[] {
  const { thinking, text, calls } = answer;
  return [
    ...(thinking
      ? [{ type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: thinking.text }], encrypted_content: thinking.signature }]
      : []),
    ...(text === undefined
      ? []
      : [
          {
            type: 'message',
            id: 'msg_1',
            role: 'assistant',
            status: 'completed',
            content: [{ type: 'output_text', text, annotations: [] }],
          },
        ]),
    ...(calls ?? []).map(({ id, name, input }) => ({
      type: 'function_call',
      id: `fc_${id}`,
      call_id: id,
      name,
      arguments: JSON.stringify(input),
      status: 'completed',
    })),
  ];
}

const REASONS: Readonly<Record<string, string>> = { length: 'max_output_tokens', content_filter: 'content_filter' };

function responseOf({ finish, usage }: NeutralAnswer, output: readonly Json[], status?: string): Json {
  const reason = REASONS[finish];
  return {
    id: 'resp_1',
    object: 'response',
    created_at: 1,
    model: 'gpt-5',
    status: status ?? (reason ? 'incomplete' : 'completed'),
    incomplete_details: reason && !status ? { reason } : null,
    error: null,
    output,
    usage: status
      ? null
      : {
          input_tokens: usage.input,
          input_tokens_details: { cached_tokens: usage.cached },
          output_tokens: usage.output,
          output_tokens_details: { reasoning_tokens: 0 },
          total_tokens: usage.input + usage.output,
        },
  };
}

function stream(answer: NeutralAnswer): Uint8Array[] {
  const items = itemsOf(answer);
  const bodies: Json[] = [
    { type: 'response.created', response: responseOf(answer, [], 'in_progress') },
    { type: 'response.in_progress', response: responseOf(answer, [], 'in_progress') },
    ...items.flatMap(itemEvents),
    { type: REASONS[answer.finish] ? 'response.incomplete' : 'response.completed', response: responseOf(answer, items) },
  ];
  return bodies.map((body, index) => sse({ ...body, sequence_number: index }, body.type));
}

function itemEvents(item: Json, output_index: number): Json[] {
  const added = (empty: Json) => ({ type: 'response.output_item.added', output_index, item: { ...item, ...empty } });
  const done = { type: 'response.output_item.done', output_index, item };
  const at = { item_id: item.id, output_index };
  if (item.type === 'message') {
    const [part] = item.content;
    const inner = { ...at, content_index: 0 };
    return [
      added({ content: [], status: 'in_progress' }),
      { type: 'response.content_part.added', ...inner, part: { ...part, text: '' } },
      ...halves(part.text).map((delta) => ({ type: 'response.output_text.delta', ...inner, delta })),
      { type: 'response.output_text.done', ...inner, text: part.text },
      { type: 'response.content_part.done', ...inner, part },
      done,
    ];
  }
  if (item.type === 'reasoning') {
    const inner = { ...at, summary_index: 0 };
    return [
      added({ summary: [], encrypted_content: null }),
      { type: 'response.reasoning_summary_part.added', ...inner, part: { type: 'summary_text', text: '' } },
      ...halves(item.summary[0].text).map((delta) => ({ type: 'response.reasoning_summary_text.delta', ...inner, delta })),
      { type: 'response.reasoning_summary_text.done', ...inner, text: item.summary[0].text },
      { type: 'response.reasoning_summary_part.done', ...inner, part: item.summary[0] },
      done,
    ];
  }
  return [
    added({ arguments: '', status: 'in_progress' }),
    ...halves(item.arguments).map((delta) => ({ type: 'response.function_call_arguments.delta', ...at, delta })),
    { type: 'response.function_call_arguments.done', ...at, arguments: item.arguments, name: item.name },
    done,
  ];
}
