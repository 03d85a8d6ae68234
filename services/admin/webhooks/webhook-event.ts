import type { RunClaim, RunEnd } from '#contracts';
import type { EndedBatch, WebhookEvent } from '#db';

/** What may be told, by OpenAI's names (https://platform.openai.com/docs/api-reference/webhook-events); jobs of other routes have those of responses. */
export const WEBHOOK_EVENTS = [
  'response.completed',
  'response.failed',
  'response.cancelled',
  'batch.completed',
  'batch.failed',
  'batch.cancelled',
  'batch.expired',
] as const;

const TYPE_OF_STATE = {
  succeeded: 'response.completed',
  failed: 'response.failed',
  expired: 'response.failed',
  cancelled: 'response.cancelled',
} as const satisfies Record<RunEnd['state'], string>;

export function jobEvent(owner: string, end: RunEnd, claim: Pick<RunClaim, 'route'> | undefined): WebhookEvent {
  const id = `evt_${end.job}`;
  // clients of the Responses API know the job by its response
  const objectId = claim?.route === '/v1/responses' ? `resp_${end.job}` : end.job;
  const type = TYPE_OF_STATE[end.state];
  return { id, type, owner, payload: payload({ id, type, atMs: end.endedAt }, { id: objectId, job: end.job, state: end.state }) };
}

export function batchEvent({ id: batch, owner, state, endedAt }: EndedBatch): WebhookEvent {
  const [id, type] = [`evt_${batch}_${state}`, `batch.${state}`];
  return { id, type, owner, payload: payload({ id, type, atMs: endedAt.getTime() }, { id: batch }) };
}

/** OpenAI's shape; `data.id` is what a client fetches the rest with. */
function payload({ id, type, atMs }: { readonly id: string; readonly type: string; readonly atMs: number }, data: object): string {
  return JSON.stringify({ object: 'event', id, type, created_at: Math.floor(atMs / 1_000), data });
}
