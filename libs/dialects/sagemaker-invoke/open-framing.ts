import { encodeEvent, createAwsEventStreamSplitter, type AwsException } from '../aws-event-stream/split-frames.ts';
import { createEventSplitter, type EventSplitter } from '../sse/split-events.ts';

/**
 * The container's own event stream, carried in frames that cut it anywhere
 * (https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_ResponseStream.html).
 */
export function openSagemakerFraming(): EventSplitter {
  const inner = createEventSplitter();
  return createAwsEventStreamSplitter({
    eventsOf: (frame) => (frame.name === 'PayloadPart' ? inner.push(frame.payload) : []),
    exceptionEvent,
    atEnd: () => inner.end(),
  });
}

/** As OpenAI-compatible servers tell of a failure in a stream, with the status that AWS gives to the exception. */
function exceptionEvent({ type, message }: AwsException): Buffer {
  const error = { message: message === '' ? `The endpoint's stream failed (${type}).` : message, type, code: statusOf(type) };
  return encodeEvent('error', Buffer.from(JSON.stringify({ error })));
}

function statusOf(type: string): number {
  if (/throttling/i.test(type)) return 429;
  if (/unavailable/i.test(type)) return 503;
  return /^validation/i.test(type) ? 400 : 500;
}
