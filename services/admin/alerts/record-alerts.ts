import { setTimeout } from 'node:timers/promises';
import type { BatchConsumer, StreamMessage } from '#bus';
import { type AlertEvent, decodeAlertEvent, InvalidMessage } from '#contracts';
import { isRefusedData } from '#db';
import type { AdminLog } from '../resources.ts';

export interface AlertRecording {
  readonly consumer: Pick<BatchConsumer, 'next' | 'stop'>;
  /** Writes it down with its deliveries, once; rejects when the database is away. */
  readonly record: (event: AlertEvent) => Promise<void>;
  /** Keeps what can't be read, with what is wrong with it. */
  readonly bury: (message: StreamMessage, reason: string) => Promise<void>;
  readonly log: AdminLog;
}

export interface RunningRecording {
  readonly finished: Promise<void>;
  stop(): Promise<void>;
}

const PAUSE_MS = 2_000;

/**
 * Alerts from the stream into the database: read → write down → ack. The ack is last and writing is idempotent, so that each is told once
 * whatever dies in between. While the database is away the alert in hand waits here and the rest in the stream.
 */
export function startRecording(recording: AlertRecording): RunningRecording {
  const stopping = new AbortController();
  const finished = run(recording, stopping.signal);
  return {
    finished,
    async stop() {
      stopping.abort();
      recording.consumer.stop();
      await finished;
    },
  };
}

async function run(recording: AlertRecording, stopping: AbortSignal): Promise<void> {
  for (;;) {
    const messages = await recording.consumer.next();
    if (messages.length === 0) return;
    for (const message of messages) {
      if (await recordUntilDone(message, recording, stopping)) message.ack();
    }
  }
}

/** False when it was asked to stop before it was done. */
async function recordUntilDone(message: StreamMessage, recording: AlertRecording, stopping: AbortSignal): Promise<boolean> {
  while (!stopping.aborted) {
    try {
      await recordOne(message, recording);
      return true;
    } catch (error) {
      recording.log.warn({ err: error, streamSeq: message.streamSeq }, 'an alert could not be written down: tried again');
    }
    await setTimeout(PAUSE_MS, undefined, { signal: stopping }).catch(() => undefined);
  }
  return false;
}

async function recordOne(message: StreamMessage, { record, bury }: AlertRecording): Promise<void> {
  try {
    await record(decodeAlertEvent(message.data));
  } catch (error) {
    if (!(error instanceof InvalidMessage) && !isRefusedData(error)) throw error;
    await bury(message, error instanceof Error ? error.message : String(error));
  }
}
