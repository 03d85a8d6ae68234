import { asGatewayError, GatewayError, type HeadMeta } from '#contracts';
import type { Caller } from '../auth/caller.ts';
import type { ClientResponse } from '../chat/client-response.ts';
import type { ClientCall } from '../chat/read-request.ts';
import { admitJob } from '../limits/admit-job.ts';
import type { IngressResources } from '../resources.ts';
import { jobOver } from './job-over.ts';
import type { PendingJob } from './pending-job.ts';
import { requestRouter } from './request-router.ts';
import { type JobRequest, planJob, submitJob } from './submit-job.ts';

/** A call that the gateway makes on behalf of a caller, beside the one that was asked for. */
export interface OwnCall {
  readonly call: ClientCall;
  /** Who pays for it. */
  readonly caller: Caller;
  /** The model group. */
  readonly model: string;
  readonly withinMs: number;
}

/** Headers and bytes of an answer that was read here. */
export interface OwnAnswer {
  readonly head: HeadMeta;
  readonly body: Buffer;
  readonly job: PendingJob;
}

const TOO_LATE = new GatewayError('upstream_timeout', 'The answer was not waited for any longer.');
/** The caller's patience ends first: a deadline that passes would count against the deployment. */
const GRACE_MS = 2_000;

/**
 * Runs a call as an ordinary job, admitted and billed like its caller's own. Rejects with the refusal or the error, at the latest `withinMs`
 * from now with `upstream_timeout`: then what waits is taken out of the queue, and what runs is aborted and billed.
 */
export async function runOwnCall({ call, caller, model, withinMs }: OwnCall, resources: IngressResources): Promise<OwnAnswer> {
  const late = AbortSignal.timeout(withinMs);
  const wanted: JobRequest = {
    call,
    model,
    by: caller.by,
    deadlineAt: resources.now() + withinMs + GRACE_MS,
    routing: requestRouter(resources.config.router, {}, call.fields),
    headers: {},
    traceparent: undefined,
  };
  const meta = planJob(wanted, resources);
  const admission = admitJob(
    {
      caller,
      call,
      meta,
      planFor: (group) => planJob({ ...wanted, model: group }, resources),
      onGone: (handler) => whenLate(late, handler),
      refuseWith: () => undefined,
    },
    resources,
  );
  const admitted = admission === undefined ? meta : (await admission).meta;
  return new Promise((resolve, reject) => {
    const response = new HeldAnswer();
    const job = resources.pending.open(admitted, response, {
      onOver: (ended, error) => {
        stop();
        jobOver(ended, error, resources);
        const answer = error === undefined ? response.whole() : undefined;
        if (answer === undefined) reject(error ?? new GatewayError('internal_error', 'An answer has no head.'));
        else resolve({ ...answer, job: ended });
      },
    });
    const cancel = (): void => resources.pending.cancel(job, TOO_LATE);
    const stop = whenLate(late, cancel);
    submitJob(job, call.body, resources).then(
      () => job.over && cancel(),
      (error: unknown) => job.fail(asGatewayError(error)),
    );
  });
}

/** Returns its own end. */
function whenLate(late: AbortSignal, handler: () => void): () => void {
  late.addEventListener('abort', handler, { once: true });
  if (late.aborted) queueMicrotask(handler);
  return () => late.removeEventListener('abort', handler);
}

/** An answer that stays here. */
class HeldAnswer implements ClientResponse {
  readonly backedUp = false;
  headSent = false;
  over = false;
  status = 0;
  #head: HeadMeta | undefined;
  readonly #parts: Uint8Array[] = [];

  head(head: HeadMeta): void {
    this.headSent = true;
    this.status = head.status;
    this.#head = head;
  }

  write(bytes: Uint8Array): void {
    // a frame's bytes are a view of the socket's buffer
    this.#parts.push(Buffer.from(bytes));
  }

  end(head: HeadMeta | undefined, bytes: Uint8Array | undefined): void {
    if (head !== undefined) this.head(head);
    if (bytes !== undefined) this.write(bytes);
    this.over = true;
  }

  fail(): void {
    this.over = true;
  }

  whole(): Pick<OwnAnswer, 'head' | 'body'> | undefined {
    return this.#head && { head: this.#head, body: Buffer.concat(this.#parts) };
  }
}
