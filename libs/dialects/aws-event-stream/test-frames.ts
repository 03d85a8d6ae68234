import { EventStreamCodec } from '@smithy/eventstream-codec';
import { fromUtf8, toUtf8 } from '@smithy/util-utf8';

const codec = new EventStreamCodec(toUtf8, fromUtf8);

/** A frame as AWS's own library writes it. */
export function awsFrame(headers: Readonly<Record<string, string>>, payload: string | Uint8Array): Buffer {
  const typed = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, { type: 'string' as const, value }]));
  return Buffer.from(codec.encode({ headers: typed, body: typeof payload === 'string' ? fromUtf8(payload) : payload }));
}

export function awsEvent(type: string, payload: unknown): Buffer {
  const headers = { ':event-type': type, ':content-type': 'application/json', ':message-type': 'event' };
  return awsFrame(headers, JSON.stringify(payload));
}

export function awsException(type: string, payload: unknown): Buffer {
  const headers = { ':exception-type': type, ':content-type': 'application/json', ':message-type': 'exception' };
  return awsFrame(headers, JSON.stringify(payload));
}
