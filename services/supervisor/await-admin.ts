import { setTimeout as delay } from 'node:timers/promises';
import { UpError } from './up-error.ts';

export interface AwaitAdminOptions {
  /** The gateway's public address. */
  readonly url: string;
  /** Aborted when everything is to stop. */
  readonly signal: AbortSignal;
  readonly timeoutMs?: number | undefined;
}

const TIMEOUT_MS = 30_000;
const INTERVAL_MS = 20;
/** Every management route asks for a key first: admin's own 401 says that it is there, without a question to the database. */
const MANAGEMENT_ROUTE = '/key/info';

/**
 * Resolves when a management route answers at the public address. Each process says by itself that it is ready; that one finds the
 * other, only a request through both shows. Rejects with `UpError` after 30 s.
 */
export async function awaitAdmin({ url, signal, timeoutMs = TIMEOUT_MS }: AwaitAdminOptions): Promise<void> {
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  while (!(await answers(url, deadline))) {
    if (deadline.aborted) throw new UpError('the management API does not answer through the ingress. Look into ingress.log and admin.log');
    await delay(INTERVAL_MS, undefined, { signal: deadline }).catch(() => undefined);
  }
}

async function answers(url: string, signal: AbortSignal): Promise<boolean> {
  try {
    const response = await fetch(`${url}${MANAGEMENT_ROUTE}`, { signal });
    await response.body?.cancel();
    return response.status < 500;
  } catch {
    return false;
  }
}
