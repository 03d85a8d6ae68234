import { type Bus, ensureTopology, openBatchConsumer, openHealthBucket, publishAlert, publishDurably, type StreamMessage } from '#bus';
import { type AlertDestination, type AlertSettings, DEFAULT_ALERTS, type GatewayConfig, resolveSecret } from '#config';
import { type Alert, ALERT_EVENTS, type AlertEvent, alertId, ALERTS_CONSUMER, deadEventSubject, EVENTS_STREAM } from '#contracts';
import { type Database, newAlertIds, recordAlert } from '#db';
import { postPublic } from '#upstream';
import type { AdminLog } from '../resources.ts';
import { startTimer } from '../timer.ts';
import { openDeadLetterAlerts } from './dead-letter-alerts.ts';
import { deliverDue, type ResolvedDestination } from './deliver-alerts.ts';
import { createOutageWatch } from './providers-down.ts';
import { expiringKeys, unusualSpend } from './raise-alerts.ts';
import { startRecording } from './record-alerts.ts';

export interface AlertResources {
  readonly db: Database;
  readonly bus: Bus;
  /** Asked each time: it can change while the process runs. */
  readonly config: () => Pick<GatewayConfig, 'alerts' | 'deployments'>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: AdminLog;
  readonly now: () => Date;
  readonly releases: { add(name: string, release: () => unknown): void };
}

const POST_TIMEOUT_MS = 10_000;
const ACK_WAIT_MS = 30_000;
const GIVE_UP_AFTER_MS = 5_000;
const DELIVER_EVERY_MS = 1_000;
const LOOK_EVERY_MS = 60_000;
const WATCH_EVERY_MS = 5_000;

/**
 * Everything about alerts in one process; any number of them may do the same side by side. Sources publish what they see to EVENTS, under
 * names that are the same in all processes; the durable consumer writes each name down once, with its deliveries; who takes a delivery
 * makes it.
 */
export async function openAlerts(resources: AlertResources): Promise<void> {
  const { db, bus, log, now, releases } = resources;
  const settings = (): AlertSettings => resources.config().alerts ?? DEFAULT_ALERTS;
  const destinations = () => settings().destinations.flatMap((destination) => resolve(destination, resources.env));
  await ensureTopology(bus);
  const consumer = await openBatchConsumer(bus, {
    stream: EVENTS_STREAM,
    consumer: ALERTS_CONSUMER,
    filterSubject: ALERT_EVENTS,
    ackWaitMs: ACK_WAIT_MS,
    maxAckPending: 1_000,
    maxMessages: 100,
    lingerMs: 200,
  });
  releases.add('alerts', () => consumer.close());
  const record = async (event: AlertEvent): Promise<void> => {
    const names = destinations()
      .filter(({ kinds }) => kinds.includes(event.kind))
      .map(({ name }) => name);
    await recordAlert(db, event, names);
  };
  const recording = startRecording({ consumer, record, bury: (message, reason) => buryMessage(bus, message, reason), log });
  releases.add('alert recording', () => recording.stop());

  const post = (one: { url: string; headers: Readonly<Record<string, string>>; body: string }) =>
    postPublic({ ...one, timeoutMs: POST_TIMEOUT_MS, allowedHosts: settings().allowedPrivateHosts });
  const giveUpAfterMs = () => settings().giveUpAfterMs;
  const deliver = () =>
    deliverDue({ db, destinations, giveUpAfterMs, post, bury: (event, reason) => buryAlert(bus, event, reason), log, now });
  startTimer('alert deliveries', { everyMs: DELIVER_EVERY_MS, run: deliver, log, releases });
  await startSources(resources, settings);
}

async function startSources({ db, bus, config, log, now, releases }: AlertResources, settings: () => AlertSettings): Promise<void> {
  const isWanted = () => settings().destinations.some(({ kinds }) => kinds.includes('dead_letter'));
  await openDeadLetterAlerts({ bus, log, now: () => now().getTime(), isWanted, releases });
  const publish = async (alerts: readonly Alert[]): Promise<void> => {
    // nobody is to be told: nothing is raised
    if (alerts.length === 0 || settings().destinations.length === 0) return;
    // what goes on is seen again at every look: the stream need not have it each time
    const fresh = await newAlertIds(db, alerts.map(alertId));
    for (const alert of alerts) if (fresh.has(alertId(alert))) await publishAlert(bus, alert, { now: now().getTime() });
  };
  const sources = { db, settings, now };
  const look = async () => publish([...(await expiringKeys(sources)), ...(await unusualSpend(sources))]);
  startTimer('alerts by the clock', { everyMs: LOOK_EVERY_MS, run: look, log, releases });
  const outages = createOutageWatch((id) => config().deployments.find((deployment) => deployment.id === id));
  const health = await openHealthBucket(bus);
  releases.add('outage watch', await health.watch(({ record }) => outages.told(record)));
  const watch = () => publish(outages.down({ now: now().getTime(), afterMs: settings().providerDownAfterMs }));
  startTimer('outages', { everyMs: WATCH_EVERY_MS, run: watch, log, releases });
}

function resolve(destination: AlertDestination, env: AlertResources['env']): ResolvedDestination[] {
  const address = resolveSecret(destination.url, env);
  const { name, format, to, kinds } = destination;
  return address === undefined ? [] : [{ name, format, to, kinds, address, key: resolveSecret(destination.secret, env) }];
}

async function buryMessage(bus: Bus, message: StreamMessage, reason: string): Promise<void> {
  await bury(bus, { data: message.data, id: `${EVENTS_STREAM}.${message.streamSeq}`, reason });
}

async function buryAlert(bus: Bus, event: AlertEvent, reason: string): Promise<void> {
  await bury(bus, { data: new TextEncoder().encode(JSON.stringify(event)), id: `alert/${event.id}/${reason.slice(0, 40)}`, reason });
}

async function bury(
  bus: Bus,
  { data, id, reason }: { readonly data: Uint8Array; readonly id: string; readonly reason: string },
): Promise<void> {
  // a header is one line of plain characters
  const headers = { 'Headrace-Error': reason.replaceAll(/[^\x20-\x7e]+/g, ' ').slice(0, 500) };
  const message = { subject: deadEventSubject('alert'), data, messageId: id, headers };
  await publishDurably(bus, message, { giveUpAfterMs: GIVE_UP_AFTER_MS });
}
