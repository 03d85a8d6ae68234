import type { ClientFixture, HeardAnswer, HeardStream, NeutralFinish, NeutralTurn } from '../neutral.ts';
import { type Json, parse, readEvents } from '../sse.ts';

const FINISHES: Readonly<Record<string, NeutralFinish>> = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  max_tokens: 'length',
  tool_use: 'tool_calls',
  refusal: 'content_filter',
};

export const anthropicMessagesClient: ClientFixture = {
  dialect: 'anthropic-messages',
  request: (request, stream) => ({
    model: request.model,
    max_tokens: request.maxTokens,
    ...(stream && { stream: true }),
    ...(request.system !== undefined && { system: request.system }),
    messages: request.turns.map(turnOf),
    ...(request.tools && {
      tools: request.tools.map(({ name, description, parameters }) => ({ name, description, input_schema: parameters })),
    }),
    ...(request.schema && { output_config: { format: { type: 'json_schema', schema: request.schema } } }),
    ...(request.thinks && { thinking: { type: 'enabled', budget_tokens: 2048 } }),
  }),
  hear: (bytes) => heardOf(parse(bytes)),
  hearStream,
};

function turnOf(turn: NeutralTurn): unknown {
  if (turn.role === 'user') {
    if (turn.imageBase64 === undefined) return { role: 'user', content: turn.text };
    const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: turn.imageBase64 } };
    return { role: 'user', content: [{ type: 'text', text: turn.text }, image] };
  }
  if (turn.role === 'results') {
    return { role: 'user', content: turn.results.map(({ id, text }) => ({ type: 'tool_result', tool_use_id: id, content: text })) };
  }
  if (turn.heard) return turn.heard.raw;
  const calls = (turn.calls ?? []).map(({ id, name, input }) => ({ type: 'tool_use', id, name, input }));
  return { role: 'assistant', content: [...(turn.text === undefined ? [] : [{ type: 'text', text: turn.text }]), ...calls] };
}

function heardOf(message: Json): HeardAnswer {
  const blocks: Json[] = message.content;
  const { usage } = message;
  return {
    text: blocks.map((block) => (block.type === 'text' ? block.text : '')).join(''),
    thinking: blocks.map((block) => (block.type === 'thinking' ? block.thinking : '')).join(''),
    calls: blocks.filter((block) => block.type === 'tool_use').map(({ id, name, input }) => ({ id, name, input })),
    finish: FINISHES[message.stop_reason],
    usage: usage && {
      input: usage.input_tokens + (usage.cache_read_input_tokens ?? 0) + (usage.cache_creation_input_tokens ?? 0),
      output: usage.output_tokens,
    },
    raw: { role: 'assistant', content: blocks },
  };
}

function hearStream(bytes: Uint8Array): HeardStream {
  let message: Json = { content: [], stop_reason: null };
  const inputs = new Map<number, string>();
  let ended = false;
  let error: string | undefined;
  for (const { data } of readEvents(bytes)) {
    const event = JSON.parse(data);
    if (event.type === 'message_start') message = { ...event.message, content: [] };
    else if (event.type === 'content_block_start') message.content[event.index] = { ...event.content_block };
    else if (event.type === 'content_block_delta') applyDelta(message.content[event.index], event, inputs);
    else if (event.type === 'message_delta') {
      message.stop_reason = event.delta.stop_reason;
      message.usage = { ...message.usage, ...event.usage };
    } else if (event.type === 'message_stop') ended = true;
    else if (event.type === 'error') error = event.error.type;
  }
  for (const [index, text] of inputs) message.content[index].input = JSON.parse(text === '' ? '{}' : text);
  return { ...heardOf(message), ended, error };
}

function applyDelta(block: Json, { index, delta }: Json, inputs: Map<number, string>): void {
  if (delta.type === 'text_delta') block.text += delta.text;
  else if (delta.type === 'thinking_delta') block.thinking += delta.thinking;
  else if (delta.type === 'signature_delta') block.signature = (block.signature ?? '') + delta.signature;
  else if (delta.type === 'input_json_delta') inputs.set(index, (inputs.get(index) ?? '') + delta.partial_json);
}
