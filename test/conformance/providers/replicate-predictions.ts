import type { HeardRequest, NeutralAnswer, ProviderFault, ProviderFixture, ProviderReply } from '../neutral.ts';
import { halves, type Json, parse } from '../sse.ts';

/** One prompt in, text out; a stream is the prediction as it is read again and again, a line each. */
export const replicatePredictionsProvider: ProviderFixture = {
  dialect: 'replicate-predictions',
  model: 'meta/meta-llama-3-70b-instruct',
  lacks: ['signatures', 'thinking', 'tools', 'images', 'schema', 'length', 'content_filter', 'cached-usage'],
  hear: (bytes) => {
    const { input } = parse(bytes);
    return {
      system: input.system_prompt ?? '',
      turns: [{ role: 'user', text: input.prompt, images: 0, calls: [], results: [], signatures: [] }] satisfies HeardRequest['turns'],
      tools: [],
      schema: undefined,
      thinks: false,
      maxTokens: input.max_tokens,
    };
  },
  answer: (answer) => Buffer.from(JSON.stringify(finished(answer))),
  stream: (answer) => {
    const pieces = halves(answer.text ?? '');
    return [
      line(prediction('starting', null)),
      ...pieces.map((_, index) => line(prediction('processing', pieces.slice(0, index + 1)))),
      line(finished(answer)),
    ];
  },
  fault,
  streamFault: () => line({ ...prediction('failed', null), error: 'Service is temporarily unavailable. Please try again later. (E004)' }),
};

function prediction(status: string, output: readonly string[] | null): Json {
  return {
    id: 'gm3qorzdhgbfurvjtvhg6dckhu',
    model: 'meta/meta-llama-3-70b-instruct',
    version: 'hidden',
    status,
    output,
    error: null,
    logs: '',
    urls: { get: 'https://api.replicate.example/v1/predictions/gm3qorzdhgbfurvjtvhg6dckhu' },
  };
}

function finished(answer: NeutralAnswer): Json {
  const metrics = { input_token_count: answer.usage.input, output_token_count: answer.usage.output, predict_time: 0.5 };
  return { ...prediction('succeeded', halves(answer.text ?? '')), metrics };
}

function line(document: Json): Uint8Array {
  return Buffer.from(`${JSON.stringify(document)}\n`);
}

const FAULTS: Readonly<Record<ProviderFault, readonly [status: number, title: string, detail: string]>> = {
  'rate-limited': [429, 'Too many requests', 'Request was throttled. Your rate limit resets in ~7s.'],
  overloaded: [503, 'Service unavailable', 'The service is temporarily unavailable.'],
  context: [422, 'Input validation failed', "- input.prompt: exceeds the model's maximum context length of 8192 tokens"],
  auth: [401, 'Unauthenticated', 'You did not pass an authentication token'],
  quota: [402, 'Insufficient credit', 'You have insufficient credit to run this model.'],
};

function fault(kind: ProviderFault): ProviderReply {
  const [status, title, detail] = FAULTS[kind];
  return { status, headers: {}, body: Buffer.from(JSON.stringify({ title, detail, status })) };
}
