import type { Sealing } from '#config';
import { type Database, type DueWebhook, finishWebhook, takeDueWebhooks } from '#db';
import { signWebhook } from '../alerts/sign-webhook.ts';
import type { AdminLog } from '../resources.ts';

export interface WebhookDeliveryOptions {
  readonly db: Database;
  readonly sealing: Sealing | undefined;
  /** Rejects with an error that says why the receiver did not take it. */
  readonly post: (post: {
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  }) => Promise<void>;
  readonly log: AdminLog;
  readonly now: () => number;
}

const AT_ONCE = 50;
/** Longer than a delivery takes: whoever died with one holds it up for so long. */
const LEASE_MS = 60_000;
const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 3_600_000;
const GIVE_UP_AFTER_MS = 86_400_000;

/** Where the secret of an endpoint is sealed for. */
export function webhookPlace(endpointId: string): string {
  return `webhook/${endpointId}`;
}

/** Sends what is due, whichever process does it. Resolves with how many were tried. */
export async function deliverWebhooks(options: WebhookDeliveryOptions): Promise<number> {
  const due = await takeDueWebhooks(options.db, { limit: AT_ONCE, leaseMs: LEASE_MS });
  await Promise.all(due.map((one) => deliver(one, options)));
  return due.length;
}

async function deliver(due: DueWebhook, options: WebhookDeliveryOptions): Promise<void> {
  const { db, log, now } = options;
  const error = await failureOf(post(due, options));
  const againInMs = error === undefined ? undefined : nextPauseMs(due, now());
  if (error !== undefined) {
    const fields = { delivery: due.id, endpoint: due.endpointId, tries: due.tries, reason: error };
    log.warn(fields, againInMs === undefined ? 'a webhook could not be delivered: given up' : 'a webhook was not taken: tried again');
  }
  await finishWebhook(db, due.id, { error, againInMs });
}

/** 5 s, 10 s, 20 s … an hour, for a day. Undefined when it is over. */
export function nextPauseMs({ tries, triedSince }: Pick<DueWebhook, 'tries' | 'triedSince'>, now: number): number | undefined {
  const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** (tries - 1), LONGEST_PAUSE_MS);
  return now + pauseMs - triedSince > GIVE_UP_AFTER_MS ? undefined : pauseMs;
}

async function post({ eventId, endpointId, url, secret, payload }: DueWebhook, { sealing, post: send, now }: WebhookDeliveryOptions) {
  if (sealing === undefined) throw new Error('there is no salt key to open its secret with');
  const key = sealing.open(secret, webhookPlace(endpointId));
  const signed = signWebhook({ id: eventId, timestamp: Math.floor(now() / 1_000), body: payload }, key);
  await send({ url, headers: { 'content-type': 'application/json', 'user-agent': 'headrace-webhooks', ...signed }, body: payload });
}

async function failureOf(attempt: Promise<void>): Promise<string | undefined> {
  try {
    await attempt;
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
