import type { JsonRecord } from '../json/record.ts';
import { itemId, type ItemKind } from './encode-output.ts';

/** One item of a streamed output while it is being written. */
export interface OpenItem {
  readonly id: string;
  /** `output_index`. */
  readonly index: number;
  /** What was streamed of it. */
  text: string;
}

/** The output of a streamed response. An item's place is taken when it begins: items end in another order than they begin. */
export interface OutputSlots {
  /** An event of any type; `members` is JSON text, as most events differ in one string only. */
  write(type: string, members: string): string;
  open(kind: ItemKind): OpenItem;
  added(slot: OpenItem, item: JsonRecord): string;
  done(slot: OpenItem, item: JsonRecord): string;
  readonly items: readonly JsonRecord[];
}

export function createOutputSlots(answerId: string): OutputSlots {
  const items: JsonRecord[] = [];
  let sequenceNumber = 0;
  const write = (type: string, members: string): string => {
    return `event: ${type}\ndata: {"type":"${type}","sequence_number":${sequenceNumber++},${members}}\n\n`;
  };
  return {
    items,
    write,
    open(kind) {
      const index = items.push({}) - 1;
      return { id: itemId(kind, answerId, index), index, text: '' };
    },
    added: ({ index }, item) => write('response.output_item.added', `"output_index":${index},"item":${JSON.stringify(item)}`),
    done({ index }, item) {
      items[index] = item;
      return write('response.output_item.done', `"output_index":${index},"item":${JSON.stringify(item)}`);
    },
  };
}

/** The members by which the events of an item say whose they are. */
export function placeOf({ id, index }: OpenItem): string {
  return `"item_id":"${id}","output_index":${index}`;
}
