import { decodeWorkerStatus, STATUS_REQUEST_SUBJECT, STATUS_SUBJECTS, type WorkerStatus, workerStatusSubject } from '#contracts';
import type { Bus } from './connect.ts';
import { publishCore, subscribeCore } from './messages.ts';

export function publishStatus(bus: Bus, status: WorkerStatus): void {
  publishCore(bus, workerStatusSubject(status.worker), Buffer.from(JSON.stringify(status)));
}

/** Calls the handler when somebody asks all workers for their status; the answer is an ordinary `publishStatus`. Returns its end. */
export function onStatusAsked(bus: Bus, handler: () => void): () => void {
  return subscribeCore(bus, STATUS_REQUEST_SUBJECT, handler);
}

/** The statuses of all workers as they come; all are asked for theirs now and after a reconnect. Returns its end. */
export function watchStatus(bus: Bus, handler: (status: WorkerStatus) => void): () => void {
  const stop = subscribeCore(bus, STATUS_SUBJECTS, ({ data }) => {
    const status = decodeWorkerStatus(data);
    if (status) handler(status);
  });
  const ask = (): void => publishCore(bus, STATUS_REQUEST_SUBJECT, new Uint8Array(0));
  const forget = bus.onReconnect(ask);
  ask();
  return () => {
    stop();
    forget();
  };
}
