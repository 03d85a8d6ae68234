import type { ClientDialect } from '#contracts';

/** The route a dialect's requests come in by, as the ledger names it. */
export const ROUTE_OF_DIALECT: Readonly<Record<ClientDialect, string>> = { 'openai-chat': '/v1/chat/completions' };
