import type { TokenUsage } from '#contracts';
import type { FinishReason } from './answer.ts';
import type { ReasoningBlock } from './message.ts';
import type { Signature } from './signature.ts';

/** A streamed answer in no provider's dialect: `start`, then content in any order, then `finish`. */
export type ConversationEvent =
  | { readonly type: 'start'; readonly model: string }
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'reasoning'; readonly text: string }
  /** A reasoning block is complete: the whole of it, with the signature to give back. */
  | { readonly type: 'reasoning-block'; readonly block: ReasoningBlock }
  /** `index` counts the tool calls of this answer from 0. */
  | { readonly type: 'tool-call'; readonly index: number; readonly id: string; readonly name: string; readonly signature?: Signature | undefined }
  | { readonly type: 'tool-arguments'; readonly index: number; readonly text: string }
  /** What the provider has stated so far; a later one replaces it. */
  | { readonly type: 'usage'; readonly usage: TokenUsage }
  /** The provider's own end: nothing follows. */
  | { readonly type: 'finish'; readonly reason: FinishReason };
