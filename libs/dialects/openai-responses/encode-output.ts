import type { ConversationAnswer, FinishReason } from '../conversation/answer.ts';
import type { ImageBytes } from '../conversation/content-part.ts';
import { packToolCallId } from '../conversation/signature.ts';
import type { ToolCall } from '../conversation/tool.ts';
import type { AnswerContext } from '../dialect-codec.ts';
import type { JsonRecord } from '../json/record.ts';
import { createNameReader, type FunctionName } from './function-namespaces.ts';
import { encodeReasoningItem } from './reasoning-item.ts';

type ItemStatus = 'in_progress' | 'completed' | 'incomplete';
export type ItemKind = 'rs' | 'msg' | 'fc' | 'ig';

/** An id says which answer the item is of and its place in it, so that a reference to it can be resolved. */
export function itemId(kind: ItemKind, answerId: string, index: number): string {
  return `${kind}_${answerId}_${index}`;
}

export function responseId(answerId: string): string {
  return `resp_${answerId}`;
}

const ITEM_ID = /^(?:rs|msg|fc|ig)_(.+)_\d+$/;

/** The response that an item of ours belongs to; undefined for ids of other makers. */
export function responseOfItem(id: string): string | undefined {
  const answerId = ITEM_ID.exec(id)?.[1];
  return answerId === undefined ? undefined : responseId(answerId);
}

export function textPart(text: string): JsonRecord {
  return { type: 'output_text', text, annotations: [], logprobs: [] };
}

export function messageItem(id: string, content: readonly JsonRecord[], status: ItemStatus): JsonRecord {
  return { type: 'message', id, status, role: 'assistant', content };
}

/** A call as the client names its function. */
export interface NamedCall extends Omit<ToolCall, 'name'> {
  readonly named: FunctionName;
}

export function callItem(id: string, call: NamedCall, status: ItemStatus): JsonRecord {
  return {
    type: 'function_call',
    id,
    call_id: packToolCallId(call.id, call.signature),
    ...call.named,
    arguments: call.argumentsText,
    status,
  };
}

/** A picture the model made, as OpenAI's own tool for it gives one. */
export function imageItem(id: string, image: ImageBytes): JsonRecord {
  return { type: 'image_generation_call', id, status: 'completed', output_format: image.mediaType.split('/').at(-1), result: image.data };
}

/** The items of a whole answer: reasoning, then text, then pictures, then calls. */
export function encodeOutput(answer: ConversationAnswer, { answerId, echo }: AnswerContext): JsonRecord[] {
  const nameOf = createNameReader(echo?.['tools']);
  const items: JsonRecord[] = [];
  for (const block of answer.reasoning) items.push(encodeReasoningItem(itemId('rs', answerId, items.length), block));
  const images = answer.images ?? [];
  if (answer.text !== '' || answer.toolCalls.length + images.length === 0) {
    items.push(messageItem(itemId('msg', answerId, items.length), [textPart(answer.text)], messageStatus(answer.finishReason)));
  }
  for (const image of images) items.push(imageItem(itemId('ig', answerId, items.length), image));
  for (const call of answer.toolCalls) {
    items.push(callItem(itemId('fc', answerId, items.length), { ...call, named: nameOf(call.name) }, 'completed'));
  }
  return items;
}

export function messageStatus(reason: FinishReason): 'completed' | 'incomplete' {
  return reason === 'length' || reason === 'content_filter' ? 'incomplete' : 'completed';
}
