import { GatewayError } from '#contracts';
import type { ConversationEvent } from '../conversation/stream-event.ts';
import { parseRecord, recordAt, stringAt, type JsonRecord } from '../json/record.ts';
import type { ServerSentEvent } from '../sse/parse-event.ts';
import { answerMark, decodeCalls, mapFinishReason, mapUsage } from './decode-line.ts';
import { mapError } from './map-error.ts';

/** Lines of a streamed answer; the one with `done: true` has the counts and ends it. An `error` line may come at any time. */
export function createStreamDecoder(): (event: ServerSentEvent) => readonly ConversationEvent[] {
  let hasStarted = false;
  let calls = 0;

  const decodeMessage = (line: JsonRecord): ConversationEvent[] => {
    const message = recordAt(line, 'message');
    const thinking = message && stringAt(message, 'thinking');
    const text = message && stringAt(message, 'content');
    const begun = decodeCalls(message, calls, answerMark(line));
    const events: ConversationEvent[] = [];
    if (thinking !== undefined) events.push({ type: 'reasoning', text: thinking });
    if (text !== undefined) events.push({ type: 'text', text });
    for (const { id, name, argumentsText } of begun) {
      const index = calls++;
      events.push({ type: 'tool-call', index, id, name }, { type: 'tool-arguments', index, text: argumentsText });
    }
    return events;
  };

  return ({ data }) => {
    if (data === undefined) return [];
    const line = parseRecord(data);
    if (line === undefined) throw new GatewayError('upstream_invalid_response', 'The provider sent a stream line that is not JSON.');
    if (line['error'] !== undefined) throw mapError({ status: undefined, headers: {}, body: Buffer.from(data), nowMs: 0 });
    const events = decodeMessage(line);
    if (!hasStarted) events.unshift({ type: 'start', model: stringAt(line, 'model') ?? '' });
    hasStarted = true;
    if (line['done'] === true) {
      events.push({ type: 'usage', usage: mapUsage(line) }, { type: 'finish', reason: mapFinishReason(line, calls > 0) });
    }
    return events;
  };
}
