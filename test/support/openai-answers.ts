import type http from 'node:http';

/** What a provider of OpenAI's format says, for scripted ones. */

const USAGE = { prompt_tokens: 3, completion_tokens: 5, total_tokens: 8 };

export function answerWhole(response: http.ServerResponse, text: string): void {
  response.setHeader('content-type', 'application/json');
  const message = { role: 'assistant', content: text };
  response.end(JSON.stringify({ id: 'x', choices: [{ index: 0, message, finish_reason: 'stop' }], usage: USAGE }));
}

/** Three tokens of input. */
export function answerEmbedding(response: http.ServerResponse, embedding: readonly unknown[]): void {
  response.setHeader('content-type', 'application/json');
  const usage = { prompt_tokens: 3, total_tokens: 3 };
  response.end(JSON.stringify({ object: 'list', model: 'embed-x', data: [{ object: 'embedding', index: 0, embedding }], usage }));
}

/** One event of a stream; the first one brings the head with it. */
export function writeChunk(response: http.ServerResponse, delta: object, finish: string | null = null): void {
  if (!response.headersSent) response.setHeader('content-type', 'text/event-stream');
  response.write(`data: ${JSON.stringify({ id: 'x', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`);
}

export function refuse(response: http.ServerResponse, status: number): void {
  response.statusCode = status;
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ error: { message: 'no', type: 'x' } }));
}

/** A provider under the test's thumb: each call waits until it is told to go on. */
export function holdCalls() {
  const waiting: http.ServerResponse[] = [];
  return {
    answer: (_request: unknown, response: http.ServerResponse): void => void waiting.push(response),
    started: (): number => waiting.length,
    go: (text: string): void => waiting.splice(0).forEach((response) => answerWhole(response, text)),
  };
}
