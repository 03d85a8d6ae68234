import { type Alert, alertEvent, alertSubject } from '#contracts';
import type { Bus } from './connect.ts';
import { publishDurably } from './publish.ts';

const GIVE_UP_AFTER_MS = 10_000;

/**
 * Stores an alert in EVENTS for whoever delivers it. Publishing the same happening again is harmless: it is delivered once.
 * Rejects with `StreamFull` or `StreamUnavailable`.
 */
export async function publishAlert(bus: Bus, alert: Alert, options: { readonly now: number }): Promise<void> {
  const event = alertEvent(alert, options.now);
  await publishDurably(
    bus,
    { subject: alertSubject(event.kind), data: new TextEncoder().encode(JSON.stringify(event)), messageId: `alert/${event.id}` },
    { giveUpAfterMs: GIVE_UP_AFTER_MS },
  );
}
