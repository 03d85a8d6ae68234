import type { ReasoningBlock } from '../conversation/message.ts';
import { reasoningText } from '../conversation/pack-reasoning.ts';
import { type OpenItem, type OutputSlots, placeOf } from './output-slots.ts';
import { encodeReasoningItem } from './reasoning-item.ts';

/** Writes reasoning items: their text as a summary of one part, as that is what clients show. */
export interface ReasoningWriter {
  text(text: string): string;
  /** A block is complete: it ends the item that was streamed, or is one of its own. */
  block(block: ReasoningBlock): string;
  /** Something else begins; the provider gave no block for what was streamed. */
  close(): string;
}

export function createReasoningWriter(slots: OutputSlots): ReasoningWriter {
  let current: OpenItem | undefined;
  let shownPlain = false;

  const begin = (): { readonly item: OpenItem; readonly events: string } => {
    const item = slots.open('rs');
    const events =
      slots.added(item, { type: 'reasoning', id: item.id, summary: [] }) +
      slots.write('response.reasoning_summary_part.added', `${summaryOf(item)},${partOf('')}`);
    current = item;
    return { item, events };
  };

  const text = (delta: string): string => {
    const { item, events } = current === undefined ? begin() : { item: current, events: '' };
    item.text += delta;
    return events + slots.write('response.reasoning_summary_text.delta', `${summaryOf(item)},"delta":${JSON.stringify(delta)}`);
  };

  const end = (block: ReasoningBlock | undefined): string => {
    if (current === undefined) return '';
    const item = current;
    current = undefined;
    shownPlain ||= block === undefined;
    return (
      slots.write('response.reasoning_summary_text.done', `${summaryOf(item)},"text":${JSON.stringify(item.text)}`) +
      slots.write('response.reasoning_summary_part.done', `${summaryOf(item)},${partOf(item.text)}`) +
      slots.done(item, encodeReasoningItem(item.id, withText(block, item.text)))
    );
  };

  const block = (whole: ReasoningBlock): string => {
    if (current !== undefined) return end(whole);
    // the text was streamed and its item ended by what followed
    if (whole.type === 'plain' && shownPlain) return '';
    const shown = reasoningText(whole);
    if (shown !== '') return text(shown) + end(whole);
    const item = slots.open('rs');
    return slots.added(item, { type: 'reasoning', id: item.id, summary: [] }) + slots.done(item, encodeReasoningItem(item.id, whole));
  };

  return { text, block, close: () => end(undefined) };
}

function summaryOf(item: OpenItem): string {
  return `${placeOf(item)},"summary_index":0`;
}

function partOf(text: string): string {
  return `"part":{"type":"summary_text","text":${JSON.stringify(text)}}`;
}

/** What was streamed is the text of the item, whatever the block repeats of it. */
function withText(block: ReasoningBlock | undefined, text: string): ReasoningBlock {
  if (block === undefined) return { type: 'plain', text };
  if (block.type === 'redacted') return block;
  return block.type === 'encrypted' ? { ...block, summary: text } : { ...block, text };
}
