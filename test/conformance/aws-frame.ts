import { EventStreamCodec } from '@smithy/eventstream-codec';
import { fromUtf8, toUtf8 } from '@smithy/util-utf8';

const codec = new EventStreamCodec(toUtf8, fromUtf8);

/** One frame of AWS's event stream, made by AWS's own encoder. */
export function awsFrame(eventType: string, payload: unknown, messageType = 'event'): Uint8Array {
  const text = (value: string) => ({ type: 'string' as const, value });
  const kind = messageType === 'exception' ? ':exception-type' : ':event-type';
  return codec.encode({
    headers: { ':message-type': text(messageType), [kind]: text(eventType), ':content-type': text('application/json') },
    body: payload instanceof Uint8Array ? payload : Buffer.from(JSON.stringify(payload)),
  });
}
