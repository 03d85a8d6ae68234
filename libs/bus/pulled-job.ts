import type { Msg } from '@nats-io/transport-node';
import { JOB_HEADER } from '#contracts';

/** A job message as a worker holds it: delivered, not settled. */
export interface PulledJob {
  readonly subject: string;
  readonly data: Uint8Array;
  /** The `Headrace-Job` header, undecoded. */
  readonly header: string | undefined;
  /** All headers; of a name that is there twice, the first. */
  readHeaders(): readonly (readonly [name: string, value: string])[];
  /** When the stream stored it, by the server's clock. Unix milliseconds. */
  readonly storedAt: number;
  /** 1 for the first delivery. */
  readonly delivery: number;
  readonly streamSeq: number;
  /** Tells the server that the job is being worked on: restarts its ack wait. Fire and forget. */
  working(): void;
  /** The job is done: the server removes it. Fire and forget; repeated after a reconnect, see `AckMemory`. */
  settle(): void;
  /** Gives the job back for another worker, after a delay. It counts against the consumer's limit meanwhile. */
  handBack(delayMs: number): void;
}

const text = new TextEncoder();
const ACK = text.encode('+ACK');
const WORKING = text.encode('+WPI');

export interface AckSender {
  publish(subject: string, payload: Uint8Array): void;
}

export function toPulledJob(message: Msg, sender: AckSender): PulledJob {
  const reply = message.reply ?? '';
  const { delivery, streamSeq, storedAt } = parseAckSubject(reply);
  return {
    subject: message.subject,
    data: message.data,
    header: message.headers?.get(JOB_HEADER) || undefined,
    readHeaders: () => headersOf(message),
    storedAt,
    delivery,
    streamSeq,
    working: () => sender.publish(reply, WORKING),
    settle: () => sender.publish(reply, ACK),
    handBack: (delayMs) => sender.publish(reply, text.encode(`-NAK {"delay": ${Math.round(delayMs * 1e6)}}`)),
  };
}

function headersOf({ headers }: Msg): readonly (readonly [name: string, value: string])[] {
  return headers === undefined ? [] : headers.keys().map((name) => [name, headers.get(name)] as const);
}

export interface AckPlace {
  readonly delivery: number;
  readonly streamSeq: number;
  readonly consumerSeq: number;
  /** Unix milliseconds. */
  readonly storedAt: number;
  readonly pending: number;
}

/**
 * `$JS.ACK.<stream>.<consumer>.<deliveries>.<streamSeq>.<consumerSeq>.<time>.<pending>`, and since 2.15
 * `$JS.ACK.<domain>.<account>.` in front of the stream with a random last token (ADR-15).
 */
export function parseAckSubject(subject: string): AckPlace {
  const tokens = subject.split('.');
  const at = tokens.length === 9 ? 4 : 6;
  const number = (offset: number): number => Number(tokens[at + offset]);
  return { delivery: number(0), streamSeq: number(1), consumerSeq: number(2), storedAt: Math.floor(number(3) / 1e6), pending: number(4) };
}
