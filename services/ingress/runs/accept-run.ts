import { ROUTE_OF_DIALECT } from '#attempts';
import type { RunStore } from '#bus';
import type { JobMeta, RunClaim, RunName } from '#contracts';
import { acceptanceError, publishAttempt, submitBody } from '../job/submit-job.ts';
import type { IngressResources } from '../resources.ts';

export interface RunToAccept {
  /** Planned and admitted, with `run`. */
  readonly meta: JobMeta;
  readonly body: Uint8Array;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}

type Resources = Pick<IngressResources, 'bus' | 'bodies' | 'models' | 'queues' | 'admission' | 'routing'>;

export function runNameOf({ by, run, id }: JobMeta): RunName {
  return { owner: by.keyHash, group: run?.group ?? '', job: id };
}

/**
 * Stores the claim, which is the moment of acceptance, and queues the job. Returns the claim's sequence, `undefined` when one of this name was
 * accepted before: then nothing is queued. What was admitted for a job that is not queued is given back. Throws `queue_full` and `queue_unavailable`.
 */
export async function acceptRun({ meta, body, metadata }: RunToAccept, store: RunStore, resources: Resources): Promise<number | undefined> {
  try {
    const claimed = await store.claim(runNameOf(meta), claimOf(meta, metadata));
    if (claimed === undefined) resources.admission.release(meta.id);
    else await queueRun(meta, body, resources);
    return claimed;
  } catch (error) {
    resources.admission.release(meta.id);
    throw acceptanceError(error);
  } finally {
    // no frame will tell of it here: from now on it is the workers who say what they are busy with
    resources.routing.board.ended(meta.id);
  }
}

/** Queues an accepted job; repeating it within two minutes queues nothing more. */
export async function queueRun(meta: JobMeta, body: Uint8Array, resources: Omit<Resources, 'admission' | 'routing'>): Promise<number> {
  const data = await submitBody(meta, body, resources);
  return publishAttempt(meta, data, resources);
}

/** The claim of a job. */
export function claimOf(meta: JobMeta, metadata?: RunToAccept['metadata']): RunClaim {
  return {
    v: 1,
    job: meta.id,
    id: meta.run?.id,
    acceptedAt: meta.acceptedAt,
    deadlineAt: meta.deadlineAt,
    model: meta.model,
    route: ROUTE_OF_DIALECT[meta.dialect],
    dialect: meta.dialect,
    stream: meta.stream,
    onStreamFailure: meta.onStreamFailure,
    metadata,
  };
}
