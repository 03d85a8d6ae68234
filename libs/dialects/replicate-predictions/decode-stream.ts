import { GatewayError } from '#contracts';
import type { ConversationEvent } from '../conversation/stream-event.ts';
import type { ServerSentEvent } from '../sse/parse-event.ts';
import { readPrediction } from './read-prediction.ts';

/** Readings of one prediction, each with all the text so far: what is new in each, and the end with the one that is finished. */
export function createStreamDecoder(): (event: ServerSentEvent) => readonly ConversationEvent[] {
  let hasStarted = false;
  let known = '';

  return ({ data }) => {
    if (data === undefined) return [];
    const { isFinished, text, usage } = readPrediction(data);
    if (!text.startsWith(known)) throw new GatewayError('upstream_invalid_response', 'The provider took back text of its answer.');
    const events: ConversationEvent[] = hasStarted ? [] : [{ type: 'start', model: '' }];
    hasStarted = true;
    if (text.length > known.length) events.push({ type: 'text', text: text.slice(known.length) });
    known = text;
    if (!isFinished) return events;
    if (usage !== undefined) events.push({ type: 'usage', usage });
    return [...events, { type: 'finish', reason: 'stop' }];
  };
}
