import type { ClientFixture, HeardAnswer } from '../neutral.ts';
import { type Json, parse, readEvents } from '../sse.ts';

export const openaiCompletionsClient: ClientFixture = {
  dialect: 'openai-completions',
  lacks: ['system', 'tools', 'images', 'schema', 'thinking', 'signatures'],
  request: ({ model, turns, maxTokens }, stream) => ({
    model,
    max_tokens: maxTokens,
    prompt: turns.map((turn) => (turn.role === 'user' ? turn.text : '')).join('\n'),
    ...(stream && { stream: true, stream_options: { include_usage: true } }),
  }),
  hear: (bytes) => {
    const body = parse(bytes);
    return heardOf(body.choices[0].text, body.choices[0].finish_reason, body.usage);
  },
  hearStream: (bytes) => {
    let text = '';
    let finish: Json;
    let usage: Json;
    let ended = false;
    let error: string | undefined;
    for (const { data } of readEvents(bytes)) {
      if (data === '[DONE]') ended = true;
      if (data === '[DONE]') continue;
      const chunk = JSON.parse(data);
      error = chunk.error?.code ?? chunk.error?.type ?? error;
      usage = chunk.usage ?? usage;
      text += chunk.choices?.[0]?.text ?? '';
      finish = chunk.choices?.[0]?.finish_reason ?? finish;
    }
    return { ...heardOf(text, finish, usage), ended, error };
  },
};

function heardOf(text: string, finish: Json, usage: Json): HeardAnswer {
  const tokens = usage && { input: usage.prompt_tokens, output: usage.completion_tokens };
  return { text, thinking: '', calls: [], finish, usage: tokens, raw: undefined };
}
