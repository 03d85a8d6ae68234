import type { ClientFixture, HeardAnswer, HeardStream, NeutralFinish, NeutralTurn } from '../neutral.ts';
import { type Json, parse, readEvents } from '../sse.ts';

export const openaiResponsesClient: ClientFixture = {
  dialect: 'openai-responses',
  request: (request, stream) => ({
    model: request.model,
    max_output_tokens: request.maxTokens,
    store: false,
    ...(stream && { stream: true }),
    ...(request.system !== undefined && { instructions: request.system }),
    input: request.turns.flatMap(itemsOf),
    ...(request.tools && {
      tools: request.tools.map(({ name, description, parameters }) => ({ type: 'function', name, description, parameters, strict: false })),
    }),
    ...(request.schema && { text: { format: { type: 'json_schema', name: 'answer', schema: request.schema, strict: true } } }),
    ...(request.thinks && { reasoning: { effort: 'high', summary: 'auto' }, include: ['reasoning.encrypted_content'] }),
  }),
  hear: (bytes) => heardOf(parse(bytes)),
  hearStream,
};

function itemsOf(turn: NeutralTurn): readonly unknown[] {
  if (turn.role === 'user') {
    if (turn.imageBase64 === undefined) return [{ role: 'user', content: turn.text }];
    const image = { type: 'input_image', image_url: `data:image/png;base64,${turn.imageBase64}`, detail: 'auto' };
    return [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: turn.text }, image] }];
  }
  if (turn.role === 'results') return turn.results.map(({ id, text }) => ({ type: 'function_call_output', call_id: id, output: text }));
  if (turn.heard) return turn.heard.raw as readonly unknown[];
  const calls = (turn.calls ?? []).map(({ id, name, input }) => ({
    type: 'function_call',
    call_id: id,
    name,
    arguments: JSON.stringify(input),
  }));
  return [...(turn.text === undefined ? [] : [{ role: 'assistant', content: turn.text }]), ...calls];
}

function finishOf(response: Json, hasCalls: boolean): NeutralFinish | undefined {
  if (response.status === 'incomplete') return response.incomplete_details.reason === 'max_output_tokens' ? 'length' : 'content_filter';
  if (response.status !== 'completed') return undefined;
  return hasCalls ? 'tool_calls' : 'stop';
}

function heardOf(response: Json): HeardAnswer {
  const items: Json[] = response.output ?? [];
  const calls = items.filter((item) => item.type === 'function_call');
  const texts = items.filter((item) => item.type === 'message').flatMap((item) => item.content);
  const thoughts = items.filter((item) => item.type === 'reasoning').flatMap((item) => [...item.summary, ...(item.content ?? [])]);
  return {
    text: texts.map((part: Json) => part.text ?? part.refusal).join(''),
    thinking: thoughts.map((part: Json) => part.text).join(''),
    calls: calls.map((item) => ({ id: item.call_id, name: item.name, input: JSON.parse(item.arguments) })),
    finish: finishOf(response, calls.length > 0),
    usage: response.usage && { input: response.usage.input_tokens, output: response.usage.output_tokens },
    raw: items,
  };
}

/** Text and arguments are added up from the deltas and compared with what the final response says. */
function hearStream(bytes: Uint8Array): HeardStream {
  let response: Json = {};
  let deltas = '';
  let ended = false;
  let error: string | undefined;
  let sequence = -1;
  for (const { event, data } of readEvents(bytes)) {
    const body = JSON.parse(data);
    if (event !== undefined && event !== body.type) throw new Error(`event ${event} carries ${body.type}`);
    // an error is worded by whoever notices it, and need not know how many events there were
    if (body.type !== 'error' && body.sequence_number <= sequence) throw new Error('sequence numbers do not rise');
    sequence = body.sequence_number ?? sequence;
    if (body.type === 'response.output_text.delta') deltas += body.delta;
    if (body.type === 'response.completed' || body.type === 'response.incomplete') {
      ended = true;
      response = body.response;
    }
    if (body.type === 'response.failed') error = body.response.error.code;
    if (body.type === 'error') error = body.code ?? body.error?.code ?? body.message;
  }
  const heard = heardOf(response);
  if (ended && heard.text !== deltas)
    throw new Error(`deltas ${JSON.stringify(deltas)} differ from the final text ${JSON.stringify(heard.text)}`);
  return { ...heard, text: deltas, ended, error };
}
