import type { ClientFixture, HeardAnswer, HeardStream, NeutralRequest, NeutralTurn } from '../neutral.ts';
import { type Json, parse, readEvents } from '../sse.ts';

export const openaiChatClient: ClientFixture = {
  dialect: 'openai-chat',
  request: (request, stream) => ({
    model: request.model,
    max_tokens: request.maxTokens,
    ...(stream ? { stream: true, stream_options: { include_usage: true } } : {}),
    messages: messagesOf(request),
    ...(request.tools && {
      tools: request.tools.map(({ name, description, parameters }) => ({ type: 'function', function: { name, description, parameters } })),
    }),
    ...(request.schema && { response_format: { type: 'json_schema', json_schema: { name: 'answer', schema: request.schema } } }),
    ...(request.thinks && { reasoning_effort: 'high' }),
  }),
  hear: (bytes) => {
    const body = parse(bytes);
    return heardOf(body.choices[0].message, body.choices[0].finish_reason, body.usage);
  },
  hearStream,
};

function messagesOf({ system, turns }: NeutralRequest): unknown[] {
  return [...(system === undefined ? [] : [{ role: 'system', content: system }]), ...turns.flatMap(turnOf)];
}

function turnOf(turn: NeutralTurn): unknown[] {
  if (turn.role === 'user') {
    if (turn.imageBase64 === undefined) return [{ role: 'user', content: turn.text }];
    const image = { type: 'image_url', image_url: { url: `data:image/png;base64,${turn.imageBase64}` } };
    return [{ role: 'user', content: [{ type: 'text', text: turn.text }, image] }];
  }
  if (turn.role === 'results') return turn.results.map(({ id, text }) => ({ role: 'tool', tool_call_id: id, content: text }));
  if (turn.heard) return [turn.heard.raw];
  const calls = turn.calls?.map(({ id, name, input }) => ({ id, type: 'function', function: { name, arguments: JSON.stringify(input) } }));
  return [{ role: 'assistant', content: turn.text ?? null, ...(calls && { tool_calls: calls }) }];
}

function heardOf(message: Json, finish: Json, usage: Json): HeardAnswer {
  return {
    text: message.content ?? '',
    thinking: message.reasoning_content ?? '',
    calls: (message.tool_calls ?? []).map((call: Json) => ({
      id: call.id,
      name: call.function.name,
      input: JSON.parse(call.function.arguments),
    })),
    finish,
    usage: usage && { input: usage.prompt_tokens, output: usage.completion_tokens },
    raw: message,
  };
}

function hearStream(bytes: Uint8Array): HeardStream {
  const message: Json = { role: 'assistant', content: '' };
  let finish: Json;
  let usage: Json;
  let ended = false;
  let error: string | undefined;
  for (const { data } of readEvents(bytes)) {
    if (data === '[DONE]') {
      ended = true;
      continue;
    }
    const chunk = JSON.parse(data);
    if (chunk.error) error = chunk.error.code ?? chunk.error.type;
    usage = chunk.usage ?? usage;
    for (const choice of chunk.choices ?? []) {
      finish = choice.finish_reason ?? finish;
      merge(message, choice.delta);
    }
  }
  return { ...heardOf(message, finish, usage), ended, error };
}

/** As the official clients add deltas up. */
function merge(message: Json, delta: Json): void {
  if (delta.content) message.content += delta.content;
  if (delta.reasoning_content) message.reasoning_content = (message.reasoning_content ?? '') + delta.reasoning_content;
  if (delta.thinking_blocks) message.thinking_blocks = [...(message.thinking_blocks ?? []), ...delta.thinking_blocks];
  for (const part of delta.tool_calls ?? []) {
    message.tool_calls ??= [];
    const call = (message.tool_calls[part.index] ??= { id: '', type: 'function', function: { name: '', arguments: '' } });
    if (part.id) call.id = part.id;
    if (part.function?.name) call.function.name = part.function.name;
    if (part.function?.arguments) call.function.arguments += part.function.arguments;
  }
}
