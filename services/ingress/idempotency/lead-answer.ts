import { GatewayError, type JobMeta } from '#contracts';
import { type ClientResponse, type ClientResponseOptions, createClientResponse } from '../chat/client-response.ts';
import type { ClientCall } from '../chat/read-request.ts';
import type { IngressResources } from '../resources.ts';
import { AnswerTape } from './answer-tape.ts';
import type { Flight } from './flights.ts';
import { readTape } from './read-tape.ts';
import { isKeptError } from './kept-error.ts';

export interface Lead {
  readonly flight: Flight;
  /** Of its claim; undefined when the claims can't be reached and it is shared within this ingress alone. */
  readonly revision: number | undefined;
  /** Others may claim the name only then; at once when undefined. */
  readonly stored?: Promise<void> | undefined;
}

/** Neither an answer nor those who wait for it depend on the store. */
const LONGEST_WAIT_MS = 1_000;

type Resources = Pick<IngressResources, 'keptAnswers' | 'flights' | 'config'>;

/** Runs a call as the one that answers for all of its name. Rejects, with the claim removed, when it can't become a job. */
export async function leadAnswer(
  lead: Lead,
  call: ClientCall,
  run: (call: ClientCall) => Promise<void>,
  resources: Resources,
): Promise<void> {
  let isJob = false;
  const openResponse = (options: ClientResponseOptions, meta: JobMeta): ClientResponse => {
    isJob = true;
    return openTape(lead, options, meta, resources);
  };
  try {
    await run({ ...call, openResponse });
  } finally {
    if (!isJob) {
      resources.flights.gaveUp(lead.flight);
      if (lead.revision !== undefined) void resources.keptAnswers.release(lead.revision);
    }
  }
}

/** The job's side of an answer that several may read; its own client is the first of them. */
function openTape(lead: Lead, options: ClientResponseOptions, meta: JobMeta, resources: Resources): AnswerTape {
  const { flight } = lead;
  const { idempotency } = resources.config;
  const needsReader = flight.shared.among !== 'retries' || idempotency.cancelOnDisconnect;
  const tape = new AnswerTape({
    job: meta.id,
    limitBytes: idempotency.maxAnswerBytes,
    onDrain: options.onDrain,
    // a retry can pick up what a client did not wait for; nobody will ask for a twin's
    onAlone: () => {
      if (needsReader) options.onGone();
    },
    beforeEnd: (whole, error) => conclude(lead, tape, whole, error, resources),
  });
  readTape(tape, { open: (on) => createClientResponse({ ...options, ...on }) });
  resources.flights.took(flight, tape);
  if (options.raw.destroyed) tape.fail(new GatewayError('client_gone', 'The client closed the connection.'));
  return tape;
}

/** Kept before the client has its end, so that nobody who knows the answer can ask in vain; a passing failure leaves nothing behind. */
function conclude(
  { flight, revision, stored }: Lead,
  tape: AnswerTape,
  whole: Parameters<Resources['keptAnswers']['keep']>[3],
  error: GatewayError | undefined,
  { keptAnswers, flights }: Resources,
): Promise<void> | undefined {
  if (revision !== undefined && flight.shared.among === 'retries' && (error === undefined || isKeptError(error))) {
    const kept = keptAnswers.keep(flight.shared, revision, tape.job, whole);
    void kept.then(() => flights.close(flight, tape));
    return within(LONGEST_WAIT_MS, kept);
  }
  const release = (): void => {
    if (revision !== undefined) void keptAnswers.release(revision);
  };
  // who looks before it is stored, at another ingress, is given this one; without it the claim would be taken over and the call made again
  const isAwaited = stored !== undefined && error === undefined && whole !== undefined;
  if (isAwaited) void within(LONGEST_WAIT_MS, stored).then(() => flights.close(flight, tape));
  // a retry may come before the last byte of the failure has arrived everywhere
  else flights.close(flight, tape);
  if (stored === undefined) release();
  else void stored.then(release);
  return undefined;
}

function within(ms: number, work: Promise<void>): Promise<void> {
  return Promise.race([work, new Promise<void>((resolve) => setTimeout(resolve, ms).unref())]);
}
