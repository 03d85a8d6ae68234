import type { TokenUsage } from '#contracts';
import type { FinishReason } from './answer.ts';
import type { ImageBytes } from './content-part.ts';
import type { ReasoningBlock } from './message.ts';
import type { Signature } from './signature.ts';

/** A streamed answer in no provider's dialect: `start`, then content in any order, then `finish`. */
export type ConversationEvent =
  | { readonly type: 'start'; readonly model: string }
  /** `image`: a picture the model made, at this place in its text. */
  | { readonly type: 'text'; readonly text: string; readonly image?: ImageBytes | undefined }
  | { readonly type: 'reasoning'; readonly text: string }
  /** A reasoning block is complete: the whole of it, with the signature to give back. */
  | { readonly type: 'reasoning-block'; readonly block: ReasoningBlock }
  /** `index` counts the tool calls of this answer from 0. */
  | {
      readonly type: 'tool-call';
      readonly index: number;
      readonly id: string;
      readonly name: string;
      readonly signature?: Signature | undefined;
    }
  | { readonly type: 'tool-arguments'; readonly index: number; readonly text: string }
  /** What the provider has stated so far; a later one replaces it. */
  | { readonly type: 'usage'; readonly usage: TokenUsage }
  /** The provider's own end: nothing follows. */
  | { readonly type: 'finish'; readonly reason: FinishReason };
