import { type ProviderRequest, type ScriptedProvider, startScriptedProvider } from './scripted-provider.ts';

/** The text of the last message that a provider was sent. */
export function askedOf(request: ProviderRequest | undefined): string {
  return JSON.parse(request?.body.toString() ?? '{}').messages.at(-1).content;
}

/** A provider of chat completions that says what the test wants: in pieces of a stream, or the same in one. */
export function startSayingProvider(says: (asked: string) => readonly string[]): Promise<ScriptedProvider> {
  return startScriptedProvider((request, response) => {
    const pieces = says(askedOf(request));
    const usage = { prompt_tokens: 5, completion_tokens: 5, total_tokens: 10 };
    if (JSON.parse(request.body.toString()).stream !== true) {
      const message = { role: 'assistant', content: pieces.join('') };
      response.setHeader('content-type', 'application/json');
      response.end(
        JSON.stringify({ id: 'c', object: 'chat.completion', model: 'm', choices: [{ index: 0, message, finish_reason: 'stop' }], usage }),
      );
      return;
    }
    response.setHeader('content-type', 'text/event-stream');
    const write = (delta: object, finish: string | null) =>
      response.write(`data: ${JSON.stringify({ id: 'c', model: 'm', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`);
    write({ role: 'assistant', content: '' }, null);
    for (const content of pieces) write({ content }, null);
    write({}, 'stop');
    response.end('data: [DONE]\n\n');
  });
}
