import type { Exchange, ExchangeInput } from '../exchange.ts';
import { openExchange } from '../open-exchange.ts';

/** An exchange of an OpenAI client with Converse. */
export function openConverse(request: object, changes: Partial<ExchangeInput> = {}): Exchange {
  return openExchange({
    clientDialect: 'openai-chat',
    providerDialect: 'bedrock-converse',
    stream: false,
    body: Buffer.from(JSON.stringify({ model: 'group', messages: [{ role: 'user', content: 'hi' }], ...request })),
    upstreamModel: 'us.anthropic.claude-sonnet-4-5-20250929-v1:0',
    defaultParams: {},
    dropParams: false,
    quirks: {},
    clientHeaders: {},
    createdAt: 7,
    answerId: 'id',
    ...changes,
  });
}
