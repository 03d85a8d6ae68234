import { isRecord, recordAt, type JsonRecord } from '../json/record.ts';
import type { StreamState } from '../stream-state.ts';
import { failureOfFinishReason, mapFinishReason } from './map-finish-reason.ts';
import { usageOfAnswer } from './map-usage.ts';

/** Reads the chunks of one stream. */
export interface ChunkTracker {
  /** Throws `GatewayError` when a choice ended with a failure. */
  track(chunk: JsonRecord): void;
  /** Every choice that began has a finish reason, and there are at least `choices` of them. */
  isComplete(choices: number): boolean;
}

/** Writes what they say into `state`, all but its end. */
export function createChunkTracker(state: StreamState): ChunkTracker {
  const open = new Set<unknown>();
  const finished = new Set<unknown>();

  const trackChoice = (choice: JsonRecord): void => {
    const index = choice['index'] ?? 0;
    const delta = recordAt(choice, 'delta');
    if (delta !== undefined) {
      state.hasContent ||= carriesContent(delta);
      state.producedText += textOfDelta(delta);
    }
    // the old completions format, which has no deltas
    const text = choice['text'];
    if (typeof text === 'string' && text !== '') {
      state.hasContent = true;
      state.producedText += text;
    }
    const reason = choice['finish_reason'];
    if (typeof reason !== 'string' || reason === '') {
      if (!finished.has(index)) open.add(index);
      return;
    }
    const failure = failureOfFinishReason(reason);
    if (failure !== undefined) throw failure;
    open.delete(index);
    finished.add(index);
    state.finishReason ??= mapFinishReason(reason);
  };

  return {
    track: (chunk) => {
      state.usage = usageOfAnswer(chunk) ?? state.usage;
      const choices = chunk['choices'];
      if (Array.isArray(choices)) for (const choice of choices as readonly unknown[]) if (isRecord(choice)) trackChoice(choice);
    },
    isComplete: (choices) => open.size === 0 && finished.size >= choices,
  };
}

/** Anything but the role: text, reasoning under any name, tool calls, audio, images. */
function carriesContent(delta: JsonRecord): boolean {
  for (const key in delta) {
    const value = delta[key];
    if (key === 'role' || value === null || value === undefined || value === '') continue;
    if (!Array.isArray(value) || value.length > 0) return true;
  }
  return false;
}

function textOfDelta(delta: JsonRecord): string {
  let text = '';
  for (const key of ['content', 'refusal'] as const) if (typeof delta[key] === 'string') text += delta[key];
  const reasoning = delta['reasoning_content'] ?? delta['reasoning'];
  if (typeof reasoning === 'string') text += reasoning;
  const calls = delta['tool_calls'];
  if (!Array.isArray(calls)) return text;
  for (const call of calls as readonly unknown[]) {
    const called = isRecord(call) ? recordAt(call, 'function') : undefined;
    for (const key of ['name', 'arguments'] as const) if (typeof called?.[key] === 'string') text += called[key];
  }
  return text;
}
