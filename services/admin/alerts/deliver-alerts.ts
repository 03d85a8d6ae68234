import { createHash } from 'node:crypto';
import type { AlertDestination } from '#config';
import type { AlertEvent } from '#contracts';
import { type Database, type DeliveryResult, type DueDelivery, finishDelivery, takeDueDeliveries } from '#db';
import type { AdminLog } from '../resources.ts';
import { alertPayload } from './alert-payload.ts';
import { signWebhook } from './sign-webhook.ts';

export interface DeliveryOptions {
  readonly db: Database;
  /** As they are configured now, by name. */
  readonly destinations: () => readonly ResolvedDestination[];
  readonly giveUpAfterMs: () => number;
  /** Rejects with an error that says why the receiver did not take it. */
  readonly post: (post: {
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  }) => Promise<void>;
  /** Keeps what could not be delivered, with the reason. */
  readonly bury: (event: AlertEvent, reason: string) => Promise<void>;
  readonly log: AdminLog;
  readonly now: () => Date;
}

/** A destination whose address and secret have been read. */
export type ResolvedDestination = Pick<AlertDestination, 'name' | 'format' | 'to' | 'kinds'> & {
  readonly address: string;
  readonly key: string | undefined;
};

const AT_ONCE = 20;
/** Longer than a delivery takes: whoever died with one holds it up for so long. */
const LEASE_MS = 60_000;
const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 3_600_000;

/** Sends what is due, each to its destination once in all, whichever process does it. Resolves with how many were tried. */
export async function deliverDue(options: DeliveryOptions): Promise<number> {
  const due = await takeDueDeliveries(options.db, { limit: AT_ONCE, leaseMs: LEASE_MS });
  await Promise.all(due.map((delivery) => deliver(delivery, options)));
  return due.length;
}

async function deliver(delivery: DueDelivery, options: DeliveryOptions): Promise<void> {
  const result = await tryDelivery(delivery, options);
  const { event, destination, tries } = delivery;
  if (result.kind === 'given_up') {
    options.log.error({ alert: event.id, destination, tries, reason: result.error }, 'an alert could not be delivered: given up');
    await options.bury(event, `${destination}: ${result.error}`);
  }
  if (result.kind === 'again')
    options.log.warn({ alert: event.id, destination, tries, reason: result.error }, 'an alert was not taken: tried again');
  await finishDelivery(options.db, delivery, result);
}

async function tryDelivery({ event, destination, tries }: DueDelivery, options: DeliveryOptions): Promise<DeliveryResult> {
  const found = options.destinations().find(({ name }) => name === destination);
  if (found === undefined) return { kind: 'given_up', error: 'the configuration has no such destination any more' };
  const at = options.now().getTime();
  try {
    const body = alertPayload(event, found);
    await options.post({ url: found.address, headers: headersOf(event, body, { at, secret: found.key }), body });
    return { kind: 'delivered' };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const inMs = Math.min(FIRST_PAUSE_MS * 2 ** (tries - 1), LONGEST_PAUSE_MS);
    return at + inMs - event.at > options.giveUpAfterMs() ? { kind: 'given_up', error: reason } : { kind: 'again', inMs, error: reason };
  }
}

function headersOf(
  event: AlertEvent,
  body: string,
  { at, secret }: { readonly at: number; readonly secret: string | undefined },
): Record<string, string> {
  // an alert's id may hold names of any length and kind; a webhook's is a short token
  const id = `msg_${createHash('sha256').update(event.id).digest('base64url').slice(0, 27)}`;
  return {
    'content-type': 'application/json',
    'user-agent': 'headrace-alerts',
    ...signWebhook({ id, timestamp: Math.floor(at / 1_000), body }, secret),
  };
}
