import { subscribeCore } from '#bus';
import { type WorkerControl, workerControlSubject } from '#contracts';
import type { JobRegistry } from './job/job-registry.ts';
import type { HeldJobs } from './pool/held-jobs.ts';
import type { WorkerResources } from './resources.ts';

/** Hands acks, resend requests and cancels to the jobs they name. Returns its end. */
export function listenForControl(registry: JobRegistry, held: HeldJobs, resources: WorkerResources): () => void {
  const stop = subscribeCore(resources.bus, workerControlSubject(resources.workerId), (message) => {
    const control = parse(message.data);
    if (!control) return;
    for (const job of registry.allOf(control.job, control.attempt)) job.control(control);
    if (control.type === 'cancel') held.cancel(control.job, control.attempt);
  });
  // what was sent around a reconnect is lost; the ingress drops what it has twice
  const forget = resources.bus.onReconnect(() => {
    for (const job of registry.all()) job.sender.resendFrom(0);
  });
  const stopCancels = resources.runs.onCancel((isMeant) => {
    for (const job of registry.all()) if (isMeant(job.meta)) job.control({ type: 'cancel', job: job.meta.id });
    // those that wait for a permit end when they have it: their end is to be stored as well
  });
  return () => {
    stopCancels();
    stop();
    forget();
  };
}

function parse(data: Uint8Array): WorkerControl | undefined {
  try {
    return JSON.parse(Buffer.from(data).toString()) as WorkerControl;
  } catch {
    return undefined;
  }
}
