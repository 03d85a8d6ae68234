import type { Call } from './call.ts';

/** The chunks of a stream as OpenAI shapes them, ready to write. */
export interface StreamEvents {
  /** Role of each choice; no token. */
  opening(): string;
  /** Tokens of all choices in turn: with 2 choices, token 5 is the third of the second. */
  token(index: number): string;
  /** Finish reasons and, where it was asked for, the usage; without `[DONE]`. */
  closing(): string;
}

export const STREAM_DONE = 'data: [DONE]\n\n';

export function createStreamEvents({ id, created, request, answer, usage }: Call): StreamEvents {
  const { choices } = request;
  const start =
    `data: {"id":"chatcmpl-${id}","object":"chat.completion.chunk","created":${created},` +
    `"model":${JSON.stringify(request.model)},"system_fingerprint":"fp_sandbox","choices":[`;
  const noUsage = request.includeUsage ? ',"usage":null' : '';
  const onlyStart = `${start}{"index":0,"delta":`;
  const goesOn = `,"logprobs":null,"finish_reason":null}]${noUsage}}\n\n`;

  function forEachChoice(delta: string, reason: string): string {
    let events = '';
    for (let index = 0; index < choices; index += 1) {
      events += `${start}{"index":${index},"delta":${delta},"logprobs":null,"finish_reason":${reason}}]${noUsage}}\n\n`;
    }
    return events;
  }

  return {
    opening: () => forEachChoice(answer.opening, 'null'),
    token: (index) => {
      if (choices === 1) return onlyStart + answer.deltaAt(index) + goesOn;
      return `${start}{"index":${index % choices},"delta":${answer.deltaAt(Math.floor(index / choices))}${goesOn}`;
    },
    closing: () => {
      const states = request.includeUsage && usage.json !== undefined;
      return forEachChoice('{}', JSON.stringify(answer.finishReason)) + (states ? `${start}],"usage":${usage.json}}\n\n` : '');
    },
  };
}
