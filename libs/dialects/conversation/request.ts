import type { JsonRecord } from '../json/record.ts';
import type { TextPart } from './content-part.ts';
import type { Message } from './message.ts';
import type { ToolChoice, ToolDefinition } from './tool.ts';

/** A request in no provider's dialect. What has no name here travels in `extra`. */
export interface ConversationRequest {
  readonly system: readonly TextPart[];
  readonly messages: readonly Message[];
  readonly tools: readonly ToolDefinition[];
  readonly toolChoice: ToolChoice | undefined;
  readonly parallelToolCalls: boolean | undefined;
  readonly maxOutputTokens: number | undefined;
  /** 0..2, as OpenAI counts. */
  readonly temperature: number | undefined;
  readonly topP: number | undefined;
  readonly topK: number | undefined;
  readonly frequencyPenalty: number | undefined;
  readonly presencePenalty: number | undefined;
  readonly seed: number | undefined;
  readonly stop: readonly string[];
  readonly outputFormat: OutputFormat | undefined;
  /** `none`, `minimal`, `low`, `medium`, `high`, `xhigh`, `max`. */
  readonly reasoningEffort: string | undefined;
  /** The end user behind the call, for the provider's abuse checks. */
  readonly endUser: string | undefined;
  /** Budget in tokens, where the client gave one instead of (or beside) an effort. */
  readonly reasoningBudget: number | undefined;
  /** Anthropic's `thinking` as the client wrote it, where it did: Claude's codecs prefer it to effort and budget, others leave it. */
  readonly thinking?: JsonRecord | undefined;
  /** OpenAI's names: `auto`, `default`, `flex`, `priority`. */
  readonly serviceTier: string | undefined;
  readonly stream: boolean;
  /** Fields the gateway does not know: they reach the provider as they are. */
  readonly extra: JsonRecord;
}

export type OutputFormat =
  | { readonly type: 'json' }
  | {
      readonly type: 'json-schema';
      readonly schema: JsonRecord;
      readonly name?: string | undefined;
      readonly strict?: boolean | undefined;
    };
