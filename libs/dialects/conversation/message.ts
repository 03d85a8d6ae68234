import type { CacheControl, ContentPart } from './content-part.ts';
import type { Signature } from './signature.ts';
import type { ToolCall } from './tool.ts';

/** The model's own reasoning, given back to it. Providers accept it only with the signature they issued. */
export type ReasoningBlock =
  | { readonly type: 'signed'; readonly text: string; readonly signature: Signature }
  | { readonly type: 'redacted'; readonly data: string }
  /** Reasoning in plain text, as DeepSeek's `reasoning_content`: some hosts want it back, none needs a signature. */
  | { readonly type: 'plain'; readonly text: string }
  /** An item of OpenAI's Responses API: what it shows of the reasoning, and all of it encrypted. */
  | { readonly type: 'encrypted'; readonly id: string; readonly summary: string; readonly data: string | undefined };

export interface UserMessage {
  readonly role: 'user';
  readonly parts: readonly ContentPart[];
}

export interface AssistantMessage {
  readonly role: 'assistant';
  readonly reasoning: readonly ReasoningBlock[];
  readonly parts: readonly ContentPart[];
  readonly toolCalls: readonly ToolCall[];
}

export interface ToolResultMessage {
  readonly role: 'tool';
  readonly toolCallId: string;
  readonly parts: readonly ContentPart[];
  readonly isError: boolean;
  readonly cacheControl: CacheControl | undefined;
}

/** System text is apart (`ConversationRequest.system`): not every provider takes it in the middle. */
export type Message = UserMessage | AssistantMessage | ToolResultMessage;
