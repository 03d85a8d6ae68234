import type { JsonRecord } from '../json/record.ts';
import type { CacheControl } from './content-part.ts';
import type { Signature } from './signature.ts';

export type ToolDefinition =
  | {
      readonly type: 'function';
      readonly name: string;
      readonly description: string | undefined;
      /** JSON schema of the arguments object; undefined for a tool without arguments. */
      readonly parameters: JsonRecord | undefined;
      readonly strict: boolean | undefined;
      readonly cacheControl: CacheControl | undefined;
    }
  /** A tool of the provider's own (`web_search_…`, `computer_…`): reaches the provider as it came. */
  | { readonly type: 'opaque'; readonly value: JsonRecord };

export type ToolChoice =
  | { readonly type: 'auto' }
  | { readonly type: 'none' }
  | { readonly type: 'required' }
  | { readonly type: 'named'; readonly name: string };

export interface ToolCall {
  readonly id: string;
  readonly name: string;
  /** JSON text of an object. */
  readonly argumentsText: string;
  /** Gemini signs its calls, and wants the signature back with them. */
  readonly signature?: Signature | undefined;
}
