import { GatewayError } from '#contracts';

/** Over a restart of the queue a look-up waits, as the request itself would. */
const GIVE_UP_AFTER_MS = 8_000;
const PAUSE_MS = 150;

/** Tries until the bucket can be read. Throws `service_unavailable` when that takes too long; `what`: `The key`. */
export async function readPatiently<T>(what: string, read: () => Promise<T>): Promise<T> {
  const giveUpAt = performance.now() + GIVE_UP_AFTER_MS;
  for (;;) {
    try {
      return await read();
    } catch (error) {
      if (performance.now() > giveUpAt) {
        const message = `${what} could not be looked up at this moment. Try again.`;
        throw new GatewayError('service_unavailable', message, { cause: error, retryAfterMs: 1_000 });
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}
