import { type GatewayError, type RunEnd, type RunRequest, toErrorRecord } from '#contracts';
import { keepUncalled } from '../prompts/keep-uncalled.ts';
import type { IngressResources } from '../resources.ts';
import { type NamedSubmission, readSubmission } from './read-submission.ts';
import type { TakeContext, TakeState } from './take-submission.ts';

/** An end with the error, behind a claim, unless one of its name was accepted meanwhile. Rejects where they could not be stored. */
export async function refuseSubmission(
  named: NamedSubmission,
  error: GatewayError,
  { accepted, deadlineAt, asked }: TakeState,
  { store, resources }: TakeContext,
): Promise<void> {
  const { run, name, pulled } = named;
  const at = resources.now();
  const claim = {
    v: 1,
    job: run.job,
    id: name.id,
    acceptedAt: at,
    deadlineAt,
    model: '',
    route: '',
    stream: false,
    submission: pulled.streamSeq,
  } as const;
  const end: RunEnd = {
    v: 1,
    job: run.job,
    id: name.id,
    state: stateOf(error),
    attempt: 0,
    error: toErrorRecord(error),
    acceptedAt: accepted?.claim.acceptedAt ?? at,
    endedAt: at,
    pieces: 0,
  };
  const isOurs = accepted !== undefined || (await store.claim(run, claim)) !== undefined;
  // only what its guardrails passed as it is
  const isAsSent = asked !== undefined && asked.passed?.body === asked.sent.body;
  if (isOurs && isAsSent) await store.putRequest(run, requestOf(named), asked.sent.body);
  if (isOurs && (await store.put(run, 'end', end))) keepRefused(named, error, { asked, acceptedAt: end.acceptedAt }, resources);
  resources.log.info({ jobId: run.job, code: error.code }, 'submission refused');
}

function keepRefused(
  named: NamedSubmission,
  error: GatewayError,
  { asked, acceptedAt }: Pick<TakeState, 'asked'> & Pick<RunEnd, 'acceptedAt'>,
  resources: IngressResources,
): void {
  if (asked === undefined) return;
  const { caller, sent, passed } = asked;
  const { headers } = readSubmission(named);
  const end = { status: error.status, error };
  keepUncalled({ job: named.run.job, acceptedAt, call: passed ?? sent, isPassed: passed !== undefined, caller, headers, end }, resources);
}

/** So that it can be asked again (`headrace jobs retry`). Whose it is the subject says: a credential in a header means nothing, and is not kept. */
function requestOf(named: NamedSubmission): RunRequest {
  const { route, lane, headers } = readSubmission(named);
  return { v: 1, route, lane, headers: Object.fromEntries(Object.entries(headers).filter(([header]) => !CREDENTIAL.test(header))) };
}

const CREDENTIAL = /auth|key|cookie|token|secret/;

function stateOf({ code }: GatewayError): RunEnd['state'] {
  if (code === 'cancelled') return 'cancelled';
  return code === 'queue_timeout' ? 'expired' : 'failed';
}
