import type { JobGuard, Lane } from '#contracts';
import { countGuardrails, type GuardedRequest, type Guardrail, GuardrailBlock, guardHeaders, guardRequest, runsAt } from '#guardrails';
import type { Caller } from '../auth/caller.ts';
import { idHeaders } from '../chat/id-headers.ts';
import type { ClientCall } from '../chat/read-request.ts';
import type { IngressResources } from '../resources.ts';
import { chooseGuardrails } from './choose-guardrails.ts';
import { noteBlocked } from './note-blocked.ts';

export interface CallToGuard {
  readonly call: ClientCall;
  readonly caller: Caller;
  /** Its job's id, where it has one already. */
  readonly jobId?: string | undefined;
  readonly lane: Lane;
  /** Headers of a refusal, before it is thrown. */
  readonly refuseWith: (headers: Readonly<Record<string, string>>) => void;
}

/**
 * A request as its guardrails leave it: the same call where none is configured for it, a changed one where they masked something. A promise only where
 * an external one is asked. Throws or rejects with 400 `guardrail_blocked`, 400 for names that are unknown and 403 for what may not be switched off.
 */
export function guardCall(guarded: CallToGuard, resources: IngressResources): ClientCall | Promise<ClientCall> {
  const { call, caller } = guarded;
  const { config } = resources;
  const chosen = chooseGuardrails(config.guardrails, caller, call.fields);
  if (chosen.length === 0) return call;
  const before = chosen.filter((one) => runsAt(one, 'pre_call'));
  const logged = chosen.filter((one) => runsAt(one, 'logging_only'));
  const names = chosen.filter(isOfWorker).map(({ settings }) => settings.name);
  try {
    const looked = runBoth(call, before, logged, resources);
    const finish = (done: GuardedRequest): ClientCall => {
      countGuardrails(done.results, resources.metrics);
      return { ...call, ...changed(done), guard: guardOf(names, done) };
    };
    return looked instanceof Promise ? looked.then(finish, (error: unknown) => refuse(error, guarded, resources)) : finish(looked);
  } catch (error) {
    return refuse(error, guarded, resources);
  }
}

function isOfWorker(guardrail: Guardrail): boolean {
  return runsAt(guardrail, 'during_call') || runsAt(guardrail, 'post_call') || runsAt(guardrail, 'logging_only');
}

/** What is only noted is looked at as the client sent it. */
function runBoth(
  { dialect, fields, body }: ClientCall,
  before: readonly Guardrail[],
  logged: readonly Guardrail[],
  { guardTools }: IngressResources,
): GuardedRequest | Promise<GuardedRequest> {
  const request = { dialect, fields, body };
  if (logged.length === 0) return guardRequest(request, before, 'pre_call', guardTools);
  const both = async (): Promise<GuardedRequest> => {
    const notes = await guardRequest(request, logged, 'logging_only', guardTools);
    const guarded = await guardRequest(request, before, 'pre_call', guardTools);
    return { ...guarded, results: [...notes.results, ...guarded.results] };
  };
  return both();
}

function changed({ fields, body }: GuardedRequest): Pick<ClientCall, 'fields' | 'body'> | undefined {
  return fields === undefined || body === undefined ? undefined : { fields, body };
}

function guardOf(names: readonly string[], { hidden, results }: GuardedRequest): JobGuard {
  return { ...(names.length === 0 ? {} : { names }), ...(hidden === undefined ? {} : { hidden }), results };
}

function refuse(error: unknown, { jobId, refuseWith, ...blocked }: CallToGuard, resources: IngressResources): never {
  if (error instanceof GuardrailBlock) {
    const job = jobId ?? resources.newJobId();
    countGuardrails(error.results, resources.metrics);
    noteBlocked({ ...blocked, job }, error, resources);
    refuseWith({ ...guardHeaders(error.results), ...idHeaders(blocked.call.dialect, job) });
  }
  throw error;
}
