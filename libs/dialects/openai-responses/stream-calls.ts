import type { ConversationEvent } from '../conversation/stream-event.ts';
import { callItem, type NamedCall } from './encode-output.ts';
import type { FunctionName } from './function-namespaces.ts';
import { type OpenItem, type OutputSlots, placeOf } from './output-slots.ts';

type CallEvent = Extract<ConversationEvent, { readonly type: 'tool-call' }>;

/** Writes function calls. They stay open to the end: a provider may write the arguments of several in turns. */
export interface CallWriter {
  begin(event: CallEvent): string;
  arguments(index: number, text: string): string;
  closeAll(): string;
}

interface OpenCall {
  readonly slot: OpenItem;
  readonly call: Omit<NamedCall, 'argumentsText'>;
}

export function createCallWriter(slots: OutputSlots, nameOf: (flat: string) => FunctionName): CallWriter {
  const calls = new Map<number, OpenCall>();

  const close = ({ slot, call }: OpenCall): string => {
    const { text } = slot;
    const ended = `"name":${JSON.stringify(call.named.name)},"arguments":${JSON.stringify(text)}`;
    return (
      slots.write('response.function_call_arguments.done', `${placeOf(slot)},${ended}`) +
      slots.done(slot, callItem(slot.id, { ...call, argumentsText: text }, 'completed'))
    );
  };

  return {
    begin({ index, id, name, signature }) {
      const open = { slot: slots.open('fc'), call: { id, named: nameOf(name), signature } };
      calls.set(index, open);
      return slots.added(open.slot, callItem(open.slot.id, { ...open.call, argumentsText: '' }, 'in_progress'));
    },
    arguments(index, text) {
      const slot = calls.get(index)?.slot;
      if (slot === undefined) return '';
      slot.text += text;
      return slots.write('response.function_call_arguments.delta', `${placeOf(slot)},"delta":${JSON.stringify(text)}`);
    },
    closeAll() {
      const events = [...calls.values()].map(close).join('');
      calls.clear();
      return events;
    },
  };
}
