import type { TokenUsage } from '#contracts';
import type { ImageBytes } from './content-part.ts';
import type { ReasoningBlock } from './message.ts';
import type { ToolCall } from './tool.ts';

/** Why the model stopped, in OpenAI's words. */
export type FinishReason = 'stop' | 'length' | 'tool_calls' | 'content_filter';

/** A whole answer in no provider's dialect. */
export interface ConversationAnswer {
  readonly model: string;
  readonly text: string;
  readonly reasoning: readonly ReasoningBlock[];
  readonly toolCalls: readonly ToolCall[];
  readonly finishReason: FinishReason;
  readonly usage: TokenUsage | undefined;
  /** Pictures the model made. */
  readonly images?: readonly ImageBytes[] | undefined;
}
