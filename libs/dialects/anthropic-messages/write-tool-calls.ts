import { GatewayError } from '#contracts';
import { packToolCallId } from '../conversation/signature.ts';
import type { ConversationEvent } from '../conversation/stream-event.ts';
import { parseRecord } from '../json/record.ts';
import type { BlockWriter } from './write-blocks.ts';

type ToolCallEvent = Extract<ConversationEvent, { type: 'tool-call' }>;

/** A call whose block is open or waits for its turn. */
interface StreamedCall {
  readonly call: ToolCallEvent;
  argumentsText: string;
}

/**
 * Writes tool calls as blocks one after the other, which SDKs rely on. Providers may stream calls side by side: one that begins
 * before the arguments of the open one are whole is held back until they are, or until `closeAll`.
 */
export interface ToolCallWriter {
  hasCalls(): boolean;
  start(call: ToolCallEvent): string;
  /** Throws `GatewayError` `upstream_invalid_response` for arguments of a call that is over or never began. */
  addArguments(callIndex: number, text: string): string;
  /** Ends the open block, whatever it is, and writes the calls that wait for it. */
  closeAll(): string;
}

export function createToolCallWriter(blocks: BlockWriter): ToolCallWriter {
  let current: StreamedCall | undefined;
  let waiting: StreamedCall[] = [];
  let hasCalls = false;

  const close = (): string => {
    current = undefined;
    return blocks.close();
  };

  const open = (streamed: StreamedCall): string => {
    const { call, argumentsText } = streamed;
    const before = close();
    current = streamed;
    const start = blocks.open('tool', { type: 'tool_use', id: packToolCallId(call.id, call.signature), name: call.name, input: {} });
    return before + start + (argumentsText === '' ? '' : inputDelta(blocks, argumentsText));
  };

  /** Of those that wait, each begins when the one before it is whole. */
  const openWaiting = (): string => {
    let text = '';
    while (current !== undefined && isWhole(current)) {
      const next = waiting.shift();
      if (next === undefined) break;
      text += open(next);
    }
    return text;
  };

  return {
    hasCalls: () => hasCalls,
    start: (call) => {
      hasCalls = true;
      const streamed: StreamedCall = { call, argumentsText: '' };
      if (current === undefined || (waiting.length === 0 && isWhole(current))) return open(streamed);
      waiting.push(streamed);
      return '';
    },
    addArguments: (callIndex, text) => {
      const streamed = current?.call.index === callIndex ? current : waiting.find(({ call }) => call.index === callIndex);
      if (streamed === undefined) throw lateArguments();
      streamed.argumentsText += text;
      if (streamed !== current) return '';
      const piece = inputDelta(blocks, text);
      return waiting.length === 0 ? piece : piece + openWaiting();
    },
    closeAll: () => {
      const calls = waiting;
      waiting = [];
      return close() + calls.map((call) => open(call) + close()).join('');
    },
  };
}

function inputDelta(blocks: BlockWriter, text: string): string {
  return blocks.delta({ type: 'input_json_delta', partial_json: text });
}

function isWhole(streamed: StreamedCall): boolean {
  return parseRecord(streamed.argumentsText) !== undefined;
}

function lateArguments(): GatewayError {
  return new GatewayError('upstream_invalid_response', 'The provider sent arguments for a tool call that was over, or had not begun.');
}
