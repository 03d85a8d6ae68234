import type { NeutralAnswer, ProviderFault, ProviderFixture, ProviderReply } from '../neutral.ts';
import { halves, type Json, parse, sse } from '../sse.ts';

const FINISHES = { stop: 'STOP', length: 'MAX_TOKENS', tool_calls: 'STOP', content_filter: 'SAFETY' } as const;

export const geminiGenerateProvider: ProviderFixture = {
  dialect: 'gemini-generate',
  model: 'gemini-2.5-pro',
  hear: (bytes) => {
    const body = parse(bytes);
    const config = body.generationConfig ?? {};
    return {
      system: (body.systemInstruction?.parts ?? []).map((part: Json) => part.text).join('\n'),
      turns: body.contents.map(turnOf),
      tools: (body.tools ?? []).flatMap((tool: Json) => tool.functionDeclarations.map((declared: Json) => declared.name)),
      schema: config.responseJsonSchema ?? config.responseSchema,
      thinks: config.thinkingConfig !== undefined && config.thinkingConfig.thinkingBudget !== 0,
      maxTokens: config.maxOutputTokens,
    };
  },
  answer: (answer) => Buffer.from(JSON.stringify(chunkOf(partsOf(answer), answer))),
  stream: (answer) => {
    const parts = partsOf(answer).flatMap((part) =>
      part.text === undefined || part.thoughtSignature ? [part] : halves(part.text).map((text) => ({ ...part, text })),
    );
    return parts.map((part, index) => sse(chunkOf([part], index === parts.length - 1 ? answer : undefined)));
  },
  fault,
  streamFault: () => sse({ error: { code: 503, message: 'The model is overloaded. Please try again later.', status: 'UNAVAILABLE' } }),
};

function turnOf(content: Json) {
  const { parts } = content;
  const results = parts.filter((part: Json) => part.functionResponse);
  return {
    role: results.length > 0 ? ('results' as const) : content.role === 'model' ? ('assistant' as const) : ('user' as const),
    text: parts.map((part: Json) => (part.thought ? '' : (part.text ?? ''))).join(''),
    images: parts.filter((part: Json) => part.inlineData).length,
    calls: parts
      .filter((part: Json) => part.functionCall)
      .map(({ functionCall }: Json) => ({ name: functionCall.name, input: functionCall.args })),
    results: results.map(({ functionResponse }: Json) => JSON.stringify(functionResponse.response)),
    signatures: parts.map((part: Json) => part.thoughtSignature).filter(Boolean),
  };
}

function partsOf(answer: NeutralAnswer): Json[] {
  return [
    ...(answer.thinking ? [{ text: answer.thinking.text, thought: true, thoughtSignature: answer.thinking.signature }] : []),
    ...(answer.text === undefined ? [] : [{ text: answer.text }]),
    ...(answer.calls ?? []).map(({ id, name, input }) => ({ functionCall: { id, name, args: input } })),
  ];
}

function chunkOf(parts: readonly Json[], last: NeutralAnswer | undefined): Json {
  return {
    candidates: [{ index: 0, content: { role: 'model', parts }, ...(last && { finishReason: FINISHES[last.finish] }) }],
    modelVersion: 'gemini-2.5-pro',
    responseId: 'r1',
    ...(last && {
      usageMetadata: {
        promptTokenCount: last.usage.input,
        cachedContentTokenCount: last.usage.cached,
        candidatesTokenCount: last.usage.output - 5,
        thoughtsTokenCount: 5,
        totalTokenCount: last.usage.input + last.usage.output,
      },
    }),
  };
}

const FAULTS: Readonly<Record<ProviderFault, readonly [status: number, word: string, message: string, details: readonly Json[]]>> = {
  'rate-limited': [
    429,
    'RESOURCE_EXHAUSTED',
    'Resource exhausted',
    [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '7s' }],
  ],
  overloaded: [503, 'UNAVAILABLE', 'The model is overloaded. Please try again later.', []],
  context: [400, 'INVALID_ARGUMENT', 'The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).', []],
  auth: [400, 'INVALID_ARGUMENT', 'API key not valid. Please pass a valid API key.', [{ reason: 'API_KEY_INVALID' }]],
  quota: [
    429,
    'RESOURCE_EXHAUSTED',
    'You exceeded your current quota, please check your plan and billing details.',
    [
      {
        '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
        violations: [{ quotaId: 'GenerateRequestsPerDayPerProjectPerModel-FreeTier', quotaMetric: 'generate_requests' }],
      },
    ],
  ],
};

function fault(kind: ProviderFault): ProviderReply {
  const [status, word, message, details] = FAULTS[kind];
  return { status, headers: {}, body: Buffer.from(JSON.stringify({ error: { code: status, message, status: word, details } })) };
}
