import type { ClientFixture, HeardAnswer, NeutralFinish, NeutralTurn } from '../neutral.ts';
import { type Json, parse, readEvents } from '../sse.ts';

const FINISHES: Readonly<Record<string, NeutralFinish>> = {
  STOP: 'stop',
  MAX_TOKENS: 'length',
  SAFETY: 'content_filter',
  PROHIBITED_CONTENT: 'content_filter',
};

/** Names of the calls by id: the format wants both in a result. */
export const geminiGenerateClient: ClientFixture = {
  dialect: 'gemini-generate',
  request: (request) => ({
    ...(request.system !== undefined && { systemInstruction: { parts: [{ text: request.system }] } }),
    contents: request.turns.map(turnOf),
    ...(request.tools && {
      tools: [
        {
          functionDeclarations: request.tools.map(({ name, description, parameters }) => ({
            name,
            description,
            parametersJsonSchema: parameters,
          })),
        },
      ],
    }),
    generationConfig: {
      maxOutputTokens: request.maxTokens,
      ...(request.schema && { responseMimeType: 'application/json', responseJsonSchema: request.schema }),
      ...(request.thinks && { thinkingConfig: { thinkingBudget: 2048, includeThoughts: true } }),
    },
  }),
  hear: (bytes) => heardOf([parse(bytes)]),
  hearStream: (bytes) => {
    const chunks = readEvents(bytes).map(({ data }) => JSON.parse(data));
    const failed = chunks.find((chunk) => chunk.error);
    const heard = heardOf(chunks);
    return { ...heard, ended: heard.finish !== undefined && !failed, error: failed?.error.status };
  },
};

function turnOf(turn: NeutralTurn): unknown {
  if (turn.role === 'user') {
    const image = turn.imageBase64 === undefined ? [] : [{ inlineData: { mimeType: 'image/png', data: turn.imageBase64 } }];
    return { role: 'user', parts: [{ text: turn.text }, ...image] };
  }
  if (turn.role === 'results') {
    return {
      role: 'user',
      parts: turn.results.map(({ id, name, text }) => ({ functionResponse: { id, name, response: { output: text } } })),
    };
  }
  if (turn.heard) return turn.heard.raw;
  const calls = (turn.calls ?? []).map(({ id, name, input }) => ({ functionCall: { id, name, args: input } }));
  return { role: 'model', parts: [...(turn.text === undefined ? [] : [{ text: turn.text }]), ...calls] };
}

function heardOf(chunks: readonly Json[]): HeardAnswer {
  const parts: Json[] = chunks.flatMap((chunk) => chunk.candidates?.[0]?.content?.parts ?? []);
  const calls = parts.filter((part) => part.functionCall);
  const finish = chunks.map((chunk) => chunk.candidates?.[0]?.finishReason).find(Boolean);
  const usage = chunks.map((chunk) => chunk.usageMetadata).findLast(Boolean);
  return {
    text: parts.map((part) => (part.thought ? '' : (part.text ?? ''))).join(''),
    thinking: parts.map((part) => (part.thought ? (part.text ?? '') : '')).join(''),
    calls: calls.map(({ functionCall }) => ({
      id: functionCall.id ?? functionCall.name,
      name: functionCall.name,
      input: functionCall.args,
    })),
    finish: FINISHES[finish] === 'stop' && calls.length > 0 ? 'tool_calls' : FINISHES[finish],
    usage: usage && { input: usage.promptTokenCount, output: usage.candidatesTokenCount + (usage.thoughtsTokenCount ?? 0) },
    raw: { role: 'model', parts },
  };
}
