import { GatewayError, type JobMeta } from '#contracts';
import { repairRequest } from '#guardrails';
import type { WorkerResources } from '../resources.ts';

/** What is asked: the client's body, which `onClientBody` is told, and behind it the answer that is to be repaired. */
export async function loadBody(
  meta: JobMeta,
  data: Uint8Array,
  resources: Pick<WorkerResources, 'bodies'>,
  onClientBody?: (body: Uint8Array) => void,
): Promise<Uint8Array> {
  const body = await loadClientBody(meta, data, resources);
  onClientBody?.(body);
  return meta.repair === undefined ? body : repairRequest(meta.dialect, body, meta.repair);
}

/** In the job, or in the object store when it was too large to travel. */
async function loadClientBody(meta: JobMeta, data: Uint8Array, resources: Pick<WorkerResources, 'bodies'>): Promise<Uint8Array> {
  if (meta.bodyRef === undefined) return data;
  try {
    const body = await resources.bodies.get(meta.bodyRef);
    if (body) return body;
  } catch (error) {
    throw new GatewayError('service_unavailable', 'The request’s body could not be read from the store.', { cause: error });
  }
  throw new GatewayError('internal_error', 'The request’s body is no longer stored.', { retry: 'never' });
}
