import type { NeutralAnswer, ProviderFault, ProviderFixture, ProviderReply } from '../neutral.ts';
import { halves, type Json, parse, sse } from '../sse.ts';
import { openaiChatProvider } from './openai-chat.ts';

/** A model of the older kind: `{response,tool_calls,usage}` in a wrapper; the newer ones answer as OpenAI does. */
export const workersAiRunProvider: ProviderFixture = {
  dialect: 'workers-ai-run',
  model: '@cf/meta/llama-3.3-70b-instruct-fp8-fast',
  lacks: ['signatures', 'thinking', 'content_filter'],
  hear: (bytes) => {
    const body = parse(bytes);
    if (body.model !== undefined) throw new Error('the model is in the address');
    if (body.messages.some((message: Json) => message.content === null)) throw new Error('content must not be null');
    return { ...openaiChatProvider.hear(bytes), schema: body.response_format?.json_schema };
  },
  answer: (answer) =>
    wrapped({ response: answer.text ?? null, ...callsOf(answer), finish_reason: reasonOf(answer), usage: usageOf(answer) }),
  stream: (answer) => {
    const calls: readonly Json[] = callsOf(answer).tool_calls ?? [];
    return [
      ...halves(answer.text ?? '').map((half) => sse({ response: half, p: 'abcdefghijkl' })),
      ...calls.map((call, index) => sse({ response: '', tool_calls: [{ index, ...call }] })),
      sse({ response: '', finish_reason: reasonOf(answer), usage: usageOf(answer) }),
      sse('[DONE]'),
    ];
  },
  fault,
  streamFault: () => sse({ success: false, errors: [{ code: 3040, message: 'Capacity temporarily exceeded, please try again.' }] }),
};

function wrapped(result: Json): Uint8Array {
  return Buffer.from(JSON.stringify({ result, success: true, errors: [], messages: [] }));
}

function callsOf({ calls }: NeutralAnswer): { tool_calls?: Json[] } {
  return calls === undefined ? {} : { tool_calls: calls.map(({ name, input }) => ({ name, arguments: input })) };
}

/** Only an answer that was cut says why it ended. */
function reasonOf({ finish }: NeutralAnswer): string | undefined {
  return finish === 'length' ? 'length' : undefined;
}

function usageOf({ usage }: NeutralAnswer): Json {
  return {
    prompt_tokens: usage.input,
    completion_tokens: usage.output,
    total_tokens: usage.input + usage.output,
    prompt_tokens_details: { cached_tokens: usage.cached },
  };
}

const FAULTS: Readonly<Record<ProviderFault, readonly [status: number, code: number, message: string]>> = {
  'rate-limited': [429, 10429, 'Too many requests: more than 300 requests per 1 minute'],
  overloaded: [429, 3040, 'No more data centers to forward the request to'],
  context: [
    413,
    5021,
    'AiError: The estimated number of input and maximum output tokens (9000) exceeded this model context window limit (8192).',
  ],
  auth: [401, 10000, 'Authentication error'],
  quota: [429, 3036, 'You have used up your daily free allocation of 10,000 neurons. Please upgrade to the Workers Paid plan.'],
};

function fault(kind: ProviderFault): ProviderReply {
  const [status, code, message] = FAULTS[kind];
  const body = { result: {}, success: false, errors: [{ code, message }], messages: [] };
  return { status, headers: kind === 'rate-limited' ? { 'retry-after': '7' } : {}, body: Buffer.from(JSON.stringify(body)) };
}
