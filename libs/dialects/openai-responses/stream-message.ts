import { messageItem, textPart } from './encode-output.ts';
import { type OpenItem, type OutputSlots, placeOf } from './output-slots.ts';

/** Writes messages of one text part. */
export interface MessageWriter {
  /** An empty text begins a message too. */
  text(text: string): string;
  close(status: 'completed' | 'incomplete'): string;
}

export function createMessageWriter(slots: OutputSlots): MessageWriter {
  let current: OpenItem | undefined;

  const begin = (): { readonly item: OpenItem; readonly events: string } => {
    const item = slots.open('msg');
    const events =
      slots.added(item, messageItem(item.id, [], 'in_progress')) +
      slots.write('response.content_part.added', `${contentOf(item)},"part":${JSON.stringify(textPart(''))}`);
    current = item;
    return { item, events };
  };

  return {
    text(delta) {
      const { item, events } = current === undefined ? begin() : { item: current, events: '' };
      if (delta === '') return events;
      item.text += delta;
      return events + slots.write('response.output_text.delta', `${contentOf(item)},"delta":${JSON.stringify(delta)},"logprobs":[]`);
    },
    close(status) {
      if (current === undefined) return '';
      const item = current;
      current = undefined;
      const part = textPart(item.text);
      return (
        slots.write('response.output_text.done', `${contentOf(item)},"text":${JSON.stringify(item.text)},"logprobs":[]`) +
        slots.write('response.content_part.done', `${contentOf(item)},"part":${JSON.stringify(part)}`) +
        slots.done(item, messageItem(item.id, [part], status))
      );
    },
  };
}

function contentOf(item: OpenItem): string {
  return `${placeOf(item)},"content_index":0`;
}
