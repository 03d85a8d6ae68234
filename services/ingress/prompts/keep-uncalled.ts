import type { IncomingHttpHeaders } from 'node:http';
import { buildPrompt, type PromptEnd } from '#prompts';
import type { Caller } from '../auth/caller.ts';
import type { ClientCall } from '../chat/read-request.ts';
import type { IngressResources } from '../resources.ts';
import { mayKeepPrompt } from './may-keep-prompt.ts';

export interface UncalledPrompt {
  readonly job: string;
  /** Unix milliseconds. */
  readonly acceptedAt: number;
  /** As its guardrails left it. */
  readonly call: ClientCall;
  /** False where it ended before its guardrails had passed it: none of its text is kept. */
  readonly isPassed: boolean;
  readonly caller: Caller;
  /** Names in lower case. */
  readonly headers: IncomingHttpHeaders;
  readonly end: Pick<PromptEnd, 'status' | 'error'> & { readonly bytes?: Uint8Array | undefined };
}

/** Keeps what was asked in a job without a connection that ended before anybody was called, and how it ended, where it may be kept. */
export function keepUncalled(uncalled: UncalledPrompt, resources: Pick<IngressResources, 'config' | 'prompts'>): void {
  const { job, acceptedAt, call, isPassed, caller, headers, end } = uncalled;
  const settings = resources.config.prompts;
  if (settings === undefined || !mayKeepPrompt({ call, principal: caller.principal, headers }, resources)) return;
  const { dialect, model, guard, fields, body } = call;
  const { status, error, bytes = NOTHING } = end;
  const parts = {
    meta: { id: job, acceptedAt, by: caller.by, dialect, model, guard },
    request: isPassed ? fields : body.length,
    end: { status, error, answer: Buffer.from(bytes.subarray(0, settings.maxBytes)), answerBytes: bytes.length },
  };
  resources.prompts.keep(() => buildPrompt(parts, settings));
}

const NOTHING = new Uint8Array(0);
