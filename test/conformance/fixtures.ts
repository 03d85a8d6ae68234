import { anthropicMessagesClient } from './clients/anthropic-messages.ts';
import { geminiGenerateClient } from './clients/gemini-generate.ts';
import { openaiChatClient } from './clients/openai-chat.ts';
import { openaiCompletionsClient } from './clients/openai-completions.ts';
import { openaiResponsesClient } from './clients/openai-responses.ts';
import type { ClientFixture, ProviderFixture } from './neutral.ts';
import { anthropicMessagesProvider } from './providers/anthropic-messages.ts';
import { bedrockConverseProvider } from './providers/bedrock-converse.ts';
import { bedrockInvokeProvider, vertexRawPredictProvider } from './providers/claude-hosts.ts';
import { cohereChatProvider } from './providers/cohere-chat.ts';
import { geminiGenerateProvider } from './providers/gemini-generate.ts';
import { ollamaChatProvider } from './providers/ollama-chat.ts';
import { openaiChatProvider } from './providers/openai-chat.ts';
import { mistralChatProvider, sagemakerInvokeProvider, watsonxChatProvider } from './providers/openai-hosts.ts';
import { replicatePredictionsProvider } from './providers/replicate-predictions.ts';
import { workersAiRunProvider } from './providers/workers-ai-run.ts';
import { openaiResponsesProvider } from './providers/openai-responses.ts';

export const CLIENT_FIXTURES: readonly ClientFixture[] = [
  openaiChatClient,
  openaiCompletionsClient,
  openaiResponsesClient,
  anthropicMessagesClient,
  geminiGenerateClient,
];

export const PROVIDER_FIXTURES: readonly ProviderFixture[] = [
  openaiChatProvider,
  openaiResponsesProvider,
  anthropicMessagesProvider,
  bedrockInvokeProvider,
  vertexRawPredictProvider,
  bedrockConverseProvider,
  geminiGenerateProvider,
  cohereChatProvider,
  mistralChatProvider,
  ollamaChatProvider,
  watsonxChatProvider,
  sagemakerInvokeProvider,
  replicatePredictionsProvider,
  workersAiRunProvider,
];
