import type { RunStore } from '#bus';
import { BACKGROUND_GROUP, type JobMeta, type RunEnd, type RunName, type StoredResponse } from '#contracts';
import { responseId } from '#dialects';
import { backgroundResponse } from '../runs/background-responses.ts';
import { claimOf } from '../runs/accept-run.ts';
import { readRunState, runStatus, type RunState } from '../runs/run-view.ts';
import { createFinalResponseReader } from './final-response.ts';
import type { StoredResponses } from './stored-responses.ts';

const PREFIX = responseId('');

/** The job of a background response, by the id that its client was given. */
export function jobOfResponse(id: string): string | undefined {
  return id.startsWith(`${PREFIX}job_`) ? id.slice(PREFIX.length) : undefined;
}

/** Notes what a background response was asked, before its job is queued: it is continued and shown by that. */
export function noteBackground(
  meta: JobMeta,
  fields: Readonly<Record<string, unknown>>,
  input: StoredResponse['input'],
  responses: Pick<StoredResponses, 'keep'>,
): Promise<void> {
  const response = backgroundResponse(claimOf(meta), fields);
  return responses.keep(meta.by.keyHash, { v: 1, id: noteId(meta.id), model: meta.model, input, response });
}

/**
 * Stored responses, and beside them those of background jobs: shown as their job stands, and kept as any other once somebody has asked for
 * one that is complete.
 */
export function withBackground(responses: StoredResponses, runs: () => Promise<RunStore>, now: () => number): StoredResponses {
  const find = async (owner: string, id: string): Promise<StoredResponse | undefined> => {
    const stored = await responses.find(owner, id);
    const job = jobOfResponse(id);
    if (stored !== undefined || job === undefined) return stored;
    const store = await runs();
    const found = await store.find({ owner, group: BACKGROUND_GROUP, job });
    if (found?.claim.dialect !== 'openai-responses') return undefined;
    const note = await responses.find(owner, noteId(job));
    const state = await readRunState(found, store);
    const response = await responseOf(state, note?.response ?? backgroundResponse(found.claim, {}), store, now());
    const view: StoredResponse = { v: 1, id, model: found.claim.model, keptBy: undefined, input: note?.input ?? [], response };
    if (state.end?.state === 'succeeded') void responses.keep(owner, view);
    return view;
  };
  return { ...responses, find };
}

async function responseOf(
  state: RunState,
  asked: Readonly<Record<string, unknown>>,
  store: RunStore,
  now: number,
): Promise<Readonly<Record<string, unknown>>> {
  const { end, name, claim } = state;
  const status = runStatus(state, now);
  if (status === 'queued' || status === 'running') return { ...asked, status: status === 'queued' ? 'queued' : 'in_progress' };
  const final = end?.state === 'succeeded' ? await finalOf(name, end, claim.stream, store) : undefined;
  if (final !== undefined) return { ...final, id: responseId(claim.job), background: true };
  const { code = 'internal_error', message = 'The response is no longer kept.' } = end?.error ?? {};
  return status === 'cancelled' ? { ...asked, status } : { ...asked, status: 'failed', error: { code, message } };
}

async function finalOf(name: RunName, end: RunEnd, isStream: boolean, store: RunStore) {
  const found = await store.findEnd(name);
  const answer = found && (await store.readAnswer(name, end, found.bytes));
  const reader = createFinalResponseReader(isStream);
  if (answer !== undefined) reader.add(answer.bytes);
  return reader.read();
}

/** Beside the response, which is stored under its own id when it is there. */
function noteId(job: string): string {
  return `bg_${job}`;
}
