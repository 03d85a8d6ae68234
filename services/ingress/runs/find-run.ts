import type { FoundRun, RunStore } from '#bus';
import { GatewayError, type JobCaller } from '#contracts';
import type { IngressResources } from '../resources.ts';
import { readRunState, type RunState } from './run-view.ts';
import { openRuns } from './serve-run.ts';

export interface KnownRun extends FoundRun {
  readonly store: RunStore;
  readonly state: RunState;
}

const JOB_ID = /^[A-Za-z0-9_-]{1,128}$/;

/** The caller's run of this id, whatever group it is in; the master key finds all. Undefined for others. Throws while it can't be looked up. */
export async function findRun(
  job: string,
  { keyHash, isMaster }: JobCaller,
  resources: Pick<IngressResources, 'runs'>,
): Promise<KnownRun | undefined> {
  if (!JOB_ID.test(job)) return undefined;
  const store = await openRuns(resources);
  try {
    const found = await store.find({ owner: isMaster ? '*' : keyHash, group: '*', job });
    return found && { ...found, store, state: await readRunState(found, store) };
  } catch (cause) {
    throw new GatewayError('service_unavailable', 'Stored jobs could not be looked up at this moment. Try again.', {
      cause,
      retryAfterMs: 1_000,
    });
  }
}

const POLL_MS = 50;
/** A running call is over within moments; a job that still waits for a worker is ended here. */
const WORKER_ENDS_WITHIN_MS = 1_500;

/** Ends a run: whoever runs it is told, and the answer to that is waited for; one that nobody runs is ended here. */
export async function cancelRun(run: KnownRun, now: () => number): Promise<RunState> {
  const { store, name, claim } = run;
  if (run.state.end !== undefined) return run.state;
  await store.cancel(name);
  const giveUpAt = now() + WORKER_ENDS_WITHIN_MS;
  for (let state = await readRunState(run, store); ; state = await readRunState(run, store)) {
    if (state.end !== undefined) return state;
    if (now() >= giveUpAt && !state.isStarted) break;
    if (now() >= giveUpAt + WORKER_ENDS_WITHIN_MS) break;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  const last = await store.lastPart(name);
  const pieces = last !== undefined && /^\d+$/.test(last.part) ? Number(last.part) + 1 : 0;
  await store.put(name, 'end', {
    v: 1,
    job: claim.job,
    id: claim.id,
    state: 'cancelled',
    attempt: 1,
    error: { code: 'cancelled', message: 'The job was cancelled.' },
    acceptedAt: claim.acceptedAt,
    endedAt: now(),
    pieces,
    from: pieces,
  });
  return readRunState(run, store);
}

const MOST_LISTED = 100;

/** The caller's jobs of one group, the newest first. */
export async function listRuns(owner: string, group: string, resources: Pick<IngressResources, 'runs'>): Promise<readonly RunState[]> {
  const store = await openRuns(resources);
  const names = await store.list(owner, group, MOST_LISTED);
  const states = await Promise.all(
    names.map(async (name) => {
      const found = await store.find(name);
      return found && readRunState(found, store);
    }),
  );
  return states.filter((state) => state !== undefined);
}
