import type { ConversationEvent } from '../conversation/stream-event.ts';
import { isRecord, recordAt, stringAt, type JsonRecord } from '../json/record.ts';
import { argumentsTextOf, inventedCallId } from './decode-response.ts';

/** The tool calls of one streamed answer, put together from its deltas. */
export interface StreamToolCalls {
  /** `answerId` makes up ids for hosts that send none. */
  delta(call: unknown, answerId: string): ConversationEvent[];
  /** What is due at the end: arguments for calls that had none. */
  close(): ConversationEvent[];
  count(): number;
}

interface OpenCall {
  readonly index: number;
  id: string | undefined;
  /** A call is announced with its name, usually in its first delta; arguments that come before wait here. */
  announced: boolean;
  held: string;
  hasArguments: boolean;
}

/**
 * OpenAI numbers its calls and sends id and name once. Other hosts repeat the id with every delta, send whole calls in one chunk,
 * leave the index out, or give every parallel call the index 0: a new id together with a name begins a new call.
 */
export function createStreamToolCalls(): StreamToolCalls {
  const calls: OpenCall[] = [];
  const byIndex = new Map<number, OpenCall>();

  const find = (stated: unknown, id: string | undefined, name: string | undefined): OpenCall | undefined => {
    if (typeof stated !== 'number') {
      if (id === undefined) return name === undefined ? calls.at(-1) : undefined;
      return calls.find((call) => call.id === id);
    }
    const known = byIndex.get(stated);
    const isAnother = known?.announced === true && id !== undefined && name !== undefined && known.id !== id;
    return isAnother ? calls.find((call) => call.id === id) : known;
  };

  const open = (stated: unknown, id: string | undefined): OpenCall => {
    const call: OpenCall = { index: calls.length, id, announced: false, held: '', hasArguments: false };
    calls.push(call);
    if (typeof stated === 'number') byIndex.set(stated, call);
    return call;
  };

  return {
    delta: (value, answerId) => {
      if (!isRecord(value)) return [];
      const called: JsonRecord = recordAt(value, 'function') ?? {};
      const id = stringAt(value, 'id');
      const name = stringAt(called, 'name');
      const call = find(value['index'], id, name) ?? open(value['index'], id);
      call.id ??= id;
      return [...announce(call, name, answerId), ...argue(call, argumentsTextOf(called['arguments']))];
    },
    close: () => calls.flatMap((call) => (call.announced && !call.hasArguments ? argue(call, '{}') : [])),
    count: () => calls.length,
  };
}

function announce(call: OpenCall, name: string | undefined, answerId: string): ConversationEvent[] {
  if (call.announced || name === undefined) return [];
  call.announced = true;
  call.id ??= inventedCallId(answerId, call.index);
  return [{ type: 'tool-call', index: call.index, id: call.id, name }];
}

function argue(call: OpenCall, text: string): ConversationEvent[] {
  if (!call.announced) {
    call.held += text;
    return [];
  }
  const due = call.held + text;
  call.held = '';
  if (due === '') return [];
  call.hasArguments = true;
  return [{ type: 'tool-arguments', index: call.index, text: due }];
}
