import { ALERT_KINDS, type AlertKind, isAlertKind } from '#contracts';
import type { AlertDestination, AlertSettings } from '../settings/ledger-settings.ts';
import type { SecretRef } from '../secret-ref.ts';
import { ALERTS_KEYS } from '../keys/sections.ts';
import { placeText, type Reading } from '../reading.ts';
import type { SourceNode } from '../source/source-node.ts';
import { readNumber, readSecret, readTextList, wrongKind } from '../values.ts';
import { type Fields, readEntries, readSection } from './read-section.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export const DEFAULT_ALERTS: AlertSettings = {
  destinations: [],
  keyExpiringMs: 7 * DAY_MS,
  anomalyFactor: 5,
  anomalyMinUsd: '1',
  providerDownAfterMs: 60_000,
  allowedPrivateHosts: [],
  giveUpAfterMs: DAY_MS,
};

/** What LiteLLM calls the things that are told here; its other types are taken and tell nothing. */
const KINDS_OF_TYPE: Readonly<Record<string, readonly AlertKind[]>> = {
  budget_alerts: ['soft_budget', 'budget_reached', 'key_expiring'],
  spend_reports: ['spend_anomaly'],
  outage_alerts: ['provider_down'],
  region_outage_alerts: ['provider_down'],
  cooldown_deployment: ['provider_down'],
};

/** `headrace.alerts`, joined to what LiteLLM's `general_settings` say: `alerting`, `alert_types`, `alert_to_webhook_url`. */
export function readAlerts(node: SourceNode | undefined, generalFields: Fields, reading: Reading): AlertSettings {
  const fields = node === undefined ? new Map<string, SourceNode>() : readSection([node], ALERTS_KEYS, reading);
  const number = (key: string, unit: string) => readNumber(fields.get(key), { min: 0, unit }, reading);
  const [expiring, giveUp, down] = [
    number('key_expiring_days', 'days'),
    number('give_up_hours', 'hours'),
    number('provider_down_s', 'seconds'),
  ];
  return {
    destinations: [...ownDestinations(fields, reading), ...litellmDestinations(generalFields, reading)],
    keyExpiringMs: expiring === undefined ? DEFAULT_ALERTS.keyExpiringMs : expiring * DAY_MS,
    anomalyFactor: readNumber(fields.get('anomaly_factor'), { min: 1, unit: 'times the usual' }, reading) ?? DEFAULT_ALERTS.anomalyFactor,
    anomalyMinUsd: String(number('anomaly_min_usd', 'US dollars') ?? DEFAULT_ALERTS.anomalyMinUsd),
    providerDownAfterMs: down === undefined ? DEFAULT_ALERTS.providerDownAfterMs : down * 1_000,
    allowedPrivateHosts: readTextList(fields.get('allow_private_hosts'), reading) ?? [],
    giveUpAfterMs: giveUp === undefined ? DEFAULT_ALERTS.giveUpAfterMs : giveUp * HOUR_MS,
  };
}

function ownDestinations(fields: Fields, reading: Reading): AlertDestination[] {
  const kinds = readKinds(fields.get('kinds'), reading);
  const secret = readSecret(fields.get('webhook_secret'), 'the alerts', reading);
  checkSecret(secret, fields.get('webhook_secret'), reading);
  const to = readTextList(fields.get('email_to'), reading);
  return [
    ...addresses('webhook', fields.get('webhook_url'), reading).map((one) => ({ ...one, kinds, secret })),
    ...addresses('slack', fields.get('slack_url'), reading).map((one) => ({ ...one, kinds })),
    ...addresses('email', fields.get('email_url'), reading).map((one) => ({ ...one, kinds, secret, to })),
  ];
}

type Address = Pick<AlertDestination, 'name' | 'format' | 'url'>;

/** One or several; they are numbered, since an address may hold a secret and names are shown. */
function addresses(format: AlertDestination['format'], node: SourceNode | undefined, reading: Reading): Address[] {
  if (node === undefined || node.kind === 'null') return [];
  const nodes = node.kind === 'list' ? node.items() : [node];
  return nodes.flatMap((item, at) => {
    const url = readSecret(item, 'the alerts', reading);
    if (url !== undefined && 'literal' in url && !/^https?:\/\//.test(url.literal)) {
      reading.problem(item, 'must begin with https:// (or http://)', { hideValue: true });
      return [];
    }
    return url === undefined ? [] : [{ name: at === 0 ? format : `${format}-${at + 1}`, format, url }];
  });
}

function readKinds(node: SourceNode | undefined, reading: Reading): readonly AlertKind[] {
  const names = readTextList(node, reading);
  if (node === undefined || names === undefined) return ALERT_KINDS;
  const known = names.filter(isAlertKind);
  if (known.length < names.length) wrongKind(node, `a list of ${ALERT_KINDS.join(', ')}`, reading);
  return known;
}

/** https://www.standardwebhooks.com: `whsec_` and 24 to 64 bytes in base64. */
function checkSecret(secret: SecretRef | undefined, node: SourceNode | undefined, reading: Reading): void {
  if (secret === undefined || node === undefined || !('literal' in secret)) return;
  if (!isWebhookSecret(secret.literal)) reading.problem(node, 'must be whsec_ and 24 to 64 random bytes in base64', { hideValue: true });
}

function isWebhookSecret(text: string): boolean {
  const bytes = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(text)?.[1];
  const length = bytes === undefined ? 0 : Buffer.from(bytes, 'base64').length;
  return length >= 24 && length <= 64;
}

/** `alerting: [slack, webhook]` sends to SLACK_WEBHOOK_URL and WEBHOOK_URL, `alert_to_webhook_url` some types to other Slack addresses. */
function litellmDestinations(fields: Fields, reading: Reading): AlertDestination[] {
  const ways = readTextList(fields.get('alerting'), reading) ?? [];
  const types = readTextList(fields.get('alert_types'), reading);
  const kinds = types === undefined ? ALERT_KINDS : kindsOf(types);
  const elsewhere = typedAddresses(fields.get('alert_to_webhook_url'), reading);
  warnOfWays(fields.get('alerting'), ways, reading);
  const moved = new Set(elsewhere.flatMap((one) => one.kinds));
  const found: AlertDestination[] = [];
  if (ways.includes('slack')) {
    const rest = kinds.filter((kind) => !moved.has(kind));
    if (rest.length > 0) found.push({ name: 'litellm-slack', format: 'slack', url: { env: 'SLACK_WEBHOOK_URL' }, kinds: rest });
    found.push(...elsewhere);
  }
  if (ways.includes('webhook')) found.push({ name: 'litellm-webhook', format: 'webhook', url: { env: 'WEBHOOK_URL' }, kinds });
  return found;
}

const ADDRESS_OF_WAY: Readonly<Record<string, string>> = { slack: 'SLACK_WEBHOOK_URL', webhook: 'WEBHOOK_URL' };

/** Whoever asks for alerts and has forgotten the address would wait for them in vain. */
function warnOfWays(node: SourceNode | undefined, ways: readonly string[], reading: Reading): void {
  if (node === undefined) return;
  for (const way of ways) {
    const variable = ADDRESS_OF_WAY[way];
    if (variable !== undefined && (reading.env[variable] ?? '') !== '') continue;
    const why = variable === undefined ? 'has no effect: see headrace.alerts' : `sends nothing: ${variable} is not set`;
    reading.warn(`alerting ${way}`, `${placeText(node)}: general_settings.alerting: ${way} ${why}`);
  }
}

function typedAddresses(node: SourceNode | undefined, reading: Reading): AlertDestination[] {
  if (node === undefined) return [];
  return readEntries(node, reading).flatMap(({ key, value }) => {
    const kinds = kindsOf([key]);
    const found = kinds.length === 0 ? [] : addresses('slack', value, reading);
    return found.map((one) => ({ ...one, name: `litellm-${key}-${one.name}`, kinds }));
  });
}

function kindsOf(types: readonly string[]): readonly AlertKind[] {
  return [...new Set(types.flatMap((type) => KINDS_OF_TYPE[type] ?? []))];
}
