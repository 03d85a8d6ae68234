import type { ChatDialect, ClientDialect, OperationDialect } from '#contracts';
import { openCountTokens } from './anthropic-count-tokens/open-count.ts';
import { anthropicMessagesClient } from './anthropic-messages/client-codec.ts';
import { anthropicMessagesProvider } from './anthropic-messages/codec.ts';
import { cohereChatProvider } from './cohere-chat/codec.ts';
import { bedrockConverseProvider } from './bedrock-converse/codec.ts';
import { bedrockInvokeProvider, openBedrockInvokeRelay } from './bedrock-invoke/codec.ts';
import type { ClientCodec, ProviderCodec } from './dialect-codec.ts';
import type { Exchange, ExchangeInput, ProviderDialect } from './exchange.ts';
import { openRelayExchange as openAnthropicMessagesRelay } from './anthropic-messages/relay-exchange.ts';
import { openCountTokens as openGeminiCountTokens } from './gemini-count-tokens/open-count.ts';
import { geminiGenerateClient, geminiGenerateProvider } from './gemini-generate/codec.ts';
import { openRelayExchange as openGeminiGenerateRelay } from './gemini-generate/relay-exchange.ts';
import { mistralChatProvider } from './mistral-chat/codec.ts';
import { ollamaChatProvider } from './ollama-chat/codec.ts';
import { openaiChatClient } from './openai-chat/codec.ts';
import { openaiChatProvider } from './openai-chat/provider-codec.ts';
import { openRelayExchange } from './openai-chat/relay-exchange.ts';
import { openaiCompletionsClient } from './openai-completions/codec.ts';
import { openCompletions } from './openai-completions/relay-exchange.ts';
import { openaiResponsesClient } from './openai-responses/codec.ts';
import { openaiResponsesProvider } from './openai-responses/provider-codec.ts';
import { openResponsesRelay } from './openai-responses/relay-exchange.ts';
import { openEmbeddings } from './operations/embeddings/open-embeddings.ts';
import { openImageEdits, openImages } from './operations/images/open-images.ts';
import { openModerations } from './operations/moderations/open-moderations.ts';
import type { OpenOperation } from './operations/operation.ts';
import { openRerank } from './operations/rerank/open-rerank.ts';
import { openSpeech } from './operations/speech/open-speech.ts';
import { openTranscriptions, openTranslations } from './operations/transcriptions/open-transcriptions.ts';
import { replicatePredictionsProvider } from './replicate-predictions/codec.ts';
import { openSagemakerRelay, sagemakerInvokeProvider } from './sagemaker-invoke/codec.ts';
import { openVertexRelay, vertexRawPredictProvider } from './vertex-raw-predict/codec.ts';
import { watsonxChatProvider } from './watsonx-chat/codec.ts';
import { workersAiRunProvider } from './workers-ai-run/codec.ts';

type OpenExchange = (input: ExchangeInput) => Exchange;

/** Client formats that a conversation can be read from and written to. */
export const CLIENTS: Readonly<Partial<Record<ChatDialect, ClientCodec>>> = {
  'openai-chat': openaiChatClient,
  'openai-responses': openaiResponsesClient,
  'anthropic-messages': anthropicMessagesClient,
  'gemini-generate': geminiGenerateClient,
  'openai-completions': openaiCompletionsClient,
};

/** Provider formats that a conversation can be written to and read from. */
export const PROVIDERS: Readonly<Partial<Record<ProviderDialect, ProviderCodec>>> = {
  'openai-chat': openaiChatProvider,
  'openai-responses': openaiResponsesProvider,
  'anthropic-messages': anthropicMessagesProvider,
  'vertex-raw-predict': vertexRawPredictProvider,
  'bedrock-converse': bedrockConverseProvider,
  'bedrock-invoke': bedrockInvokeProvider,
  'sagemaker-invoke': sagemakerInvokeProvider,
  'cohere-chat': cohereChatProvider,
  'mistral-chat': mistralChatProvider,
  'ollama-chat': ollamaChatProvider,
  'watsonx-chat': watsonxChatProvider,
  'replicate-predictions': replicatePredictionsProvider,
  'workers-ai-run': workersAiRunProvider,
  'gemini-generate': geminiGenerateProvider,
};

/** Pairs of the same format on both sides, where bytes pass through: by client, then by provider. */
export const RELAYS: Readonly<Partial<Record<ClientDialect, Partial<Record<ProviderDialect, OpenExchange>>>>> = {
  'openai-chat': { 'sagemaker-invoke': openSagemakerRelay, 'openai-chat': openRelayExchange },
  'openai-responses': { 'openai-responses': openResponsesRelay },
  'gemini-generate': { 'gemini-generate': openGeminiGenerateRelay },
  'openai-completions': { 'openai-chat': openCompletions },
  'anthropic-messages': {
    'anthropic-messages': openAnthropicMessagesRelay,
    'vertex-raw-predict': openVertexRelay,
    'bedrock-invoke': openBedrockInvokeRelay,
  },
};

/** What is no conversation: each decides itself what it does for a provider's format. */
export const OPERATIONS: Readonly<Partial<Record<OperationDialect, OpenOperation>>> = {
  'openai-embeddings': openEmbeddings,
  'openai-images': openImages,
  'openai-image-edits': openImageEdits,
  'openai-speech': openSpeech,
  'openai-transcriptions': openTranscriptions,
  'openai-translations': openTranslations,
  'openai-moderations': openModerations,
  'cohere-rerank': openRerank,
  'anthropic-count-tokens': openCountTokens,
  'gemini-count-tokens': openGeminiCountTokens,
};
