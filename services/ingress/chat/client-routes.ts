import type { HTTPMethods } from 'fastify';
import type { ClientDialect } from '#contracts';
import { readGoogleAddress } from './google-address.ts';
import type { AddressFacts } from './read-request.ts';

/** An address of a client format. The first of a dialect is the one that metrics and the ledger name. */
export interface ClientRoute {
  readonly dialect: ClientDialect;
  /** Fastify patterns. `:model` gives the model where the body has none. */
  readonly paths: readonly string[];
  /** Where the address says what the body does not: Gemini's `models/{model}:streamGenerateContent`. */
  readonly readAddress?: ReadAddress | undefined;
  /** The key may stand in the address as `?key=`. */
  readonly takesQueryKey?: boolean | undefined;
  /** Methods that have no other route at these paths; all but POST when left out. */
  readonly refusedMethods?: readonly HTTPMethods[] | undefined;
  /** The body may be a form with files (`upload-route.ts`). */
  readonly takesFiles?: boolean | undefined;
}

export type ReadAddress = (params: Readonly<Record<string, string>>, query: Readonly<Record<string, unknown>>) => AddressFacts;

/** The model routes, as the SDKs of each format (and Azure's and older clients) call them. */
export const CLIENT_ROUTES: readonly ClientRoute[] = [
  {
    dialect: 'openai-chat',
    paths: ['/v1/chat/completions', '/chat/completions', '/openai/deployments/:model/chat/completions', '/engines/:model/chat/completions'],
  },
  { dialect: 'openai-responses', paths: ['/v1/responses', '/responses', '/openai/v1/responses', '/openai/responses'] },
  { dialect: 'anthropic-messages', paths: ['/v1/messages', '/anthropic/v1/messages'] },
  { dialect: 'anthropic-count-tokens', paths: ['/v1/messages/count_tokens', '/anthropic/v1/messages/count_tokens'] },
  {
    dialect: 'openai-completions',
    paths: ['/v1/completions', '/completions', '/openai/deployments/:model/completions', '/engines/:model/completions'],
  },
  {
    dialect: 'gemini-generate',
    paths: [
      ...['/v1beta', '/v1', '', '/gemini/v1beta', '/gemini/v1'].map((base) => `${base}/models/*`),
      ...['/v1beta1', '/v1'].map((base) => `${base}/projects/:project/locations/:location/publishers/google/models/*`),
    ],
    readAddress: readGoogleAddress,
    takesQueryKey: true,
    // models are listed there
    refusedMethods: ['PUT', 'PATCH', 'DELETE'],
  },
  { dialect: 'openai-embeddings', paths: azurePaths('/embeddings') },
  { dialect: 'openai-images', paths: azurePaths('/images/generations') },
  { dialect: 'openai-image-edits', paths: azurePaths('/images/edits'), takesFiles: true },
  // sound is passed on as it is made, though nobody asks for a stream
  { dialect: 'openai-speech', paths: azurePaths('/audio/speech'), readAddress: ({ model }) => ({ model, stream: true }) },
  { dialect: 'openai-transcriptions', paths: azurePaths('/audio/transcriptions'), takesFiles: true },
  { dialect: 'openai-translations', paths: azurePaths('/audio/translations'), takesFiles: true },
  // the one OpenAI takes when a request names none
  {
    dialect: 'openai-moderations',
    paths: ['/v1/moderations', '/moderations'],
    readAddress: () => ({ defaultModel: 'omni-moderation-latest' }),
  },
  { dialect: 'cohere-rerank', paths: ['/v1/rerank', '/rerank', '/v2/rerank'] },
];

/** OpenAI's address, without its version, and those of Azure and of older clients. */
function azurePaths(path: string): string[] {
  return [`/v1${path}`, path, `/openai/deployments/:model${path}`, `/engines/:model${path}`];
}
