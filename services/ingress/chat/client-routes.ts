import type { ClientDialect } from '#contracts';

/** An address of a client format. The first of a dialect is the one that metrics and the ledger name. */
export interface ClientRoute {
  readonly dialect: ClientDialect;
  /** Fastify patterns. `:model` gives the model where the body has none. */
  readonly paths: readonly string[];
  /** Where the address says what the body does not: Gemini's `models/{model}:streamGenerateContent`. */
  readonly readAddress?: ((params: Readonly<Record<string, string>>) => AddressedCall) | undefined;
}

export interface AddressedCall {
  readonly model: string;
  readonly stream: boolean;
}

/** The model routes, as the SDKs of each format (and Azure's and older clients) call them. */
export const CLIENT_ROUTES: readonly ClientRoute[] = [
  {
    dialect: 'openai-chat',
    paths: [
      '/v1/chat/completions',
      '/chat/completions',
      '/openai/deployments/:model/chat/completions',
      '/engines/:model/chat/completions',
    ],
  },
];
