import type { DeadKind } from './dead-letter.ts';
import { InvalidMessage } from './job.ts';
import type { Scope } from './scope.ts';
import { subjectToken } from './subjects.ts';

/** What somebody may want to be told of. */
export const ALERT_KINDS = ['soft_budget', 'budget_reached', 'key_expiring', 'spend_anomaly', 'provider_down', 'dead_letter'] as const;
export type AlertKind = (typeof ALERT_KINDS)[number];

/** Spend has reached the soft limit of a budget (nothing is refused), or the budget itself (requests are refused). */
export interface BudgetAlert {
  readonly kind: 'soft_budget' | 'budget_reached';
  readonly scope: Scope;
  /** Of a budget for one model: that model group. */
  readonly model?: string | undefined;
  /** The budget window's id. */
  readonly window: string;
  /** `1d`, `1mo`; absent: the budget is for ever. */
  readonly period?: string | undefined;
  /** The limit that was reached, and what is spent; decimal text in US dollars. */
  readonly limitUsd: string;
  readonly spentUsd: string;
  /** Unix milliseconds of the present window; absent where it has no beginning or end. */
  readonly startsAt?: number | undefined;
  readonly resetsAt?: number | undefined;
}

export interface KeyExpiringAlert {
  readonly kind: 'key_expiring';
  readonly keyHash: string;
  /** `sk-…abcd`. */
  readonly masked: string;
  readonly alias?: string | undefined;
  readonly teamId?: string | undefined;
  readonly userId?: string | undefined;
  readonly expiresAt: number;
}

/** One hour's spend is many times what is usual for this key or team. */
export interface SpendAnomalyAlert {
  readonly kind: 'spend_anomaly';
  readonly scope: Scope;
  /** The hour, Unix milliseconds. */
  readonly from: number;
  readonly until: number;
  readonly spentUsd: string;
  /** The mean hour of the week before. */
  readonly usualUsd: string;
}

/** A deployment was taken out after failures: nothing is sent there until it answers again. */
export interface ProviderDownAlert {
  readonly kind: 'provider_down';
  readonly provider: string;
  readonly deploymentId: string;
  readonly modelGroup?: string | undefined;
  /** Unix milliseconds. */
  readonly since: number;
  readonly cause?: string | undefined;
}

/** Something could not be worked off. Of many within ten minutes in one place the first is told. */
export interface DeadLetterAlert {
  readonly kind: 'dead_letter';
  /** Its sequence among the dead letters. */
  readonly letter: number;
  readonly what: DeadKind;
  readonly subject: string;
  readonly cause: string;
  /** The beginning of the ten minutes, Unix milliseconds. */
  readonly from: number;
}

export type Alert = BudgetAlert | KeyExpiringAlert | SpendAnomalyAlert | ProviderDownAlert | DeadLetterAlert;

/** An alert on its way, published to `events.alert.<kind>`. Whoever delivers it does so once per `id`, however often it is published. */
export type AlertEvent = Alert & {
  readonly v: 1;
  /** Says what happened in such a way that the same thing has the same name: a budget's alert once per window. */
  readonly id: string;
  /** Unix milliseconds. */
  readonly at: number;
};

/** What the delivering consumer reads. */
export const ALERT_EVENTS = 'events.alert.*';
export const ALERTS_CONSUMER = 'alerts';

export function alertSubject(kind: AlertKind): string {
  return `events.alert.${subjectToken(kind)}`;
}

/** One name for one happening: publishers that see the same thing (a new leader, a second replica) give it the same. */
export function alertId(alert: Alert): string {
  return [alert.kind, ...happening(alert)].join('/');
}

function happening(alert: Alert): readonly (string | number)[] {
  switch (alert.kind) {
    case 'soft_budget':
    case 'budget_reached':
      return [alert.scope.kind, alert.scope.id, alert.model ?? '', alert.window, alert.startsAt ?? '', alert.limitUsd];
    case 'key_expiring':
      return [alert.keyHash, alert.expiresAt];
    case 'spend_anomaly':
      return [alert.scope.kind, alert.scope.id, alert.from];
    case 'provider_down':
      return [alert.deploymentId, alert.since];
    case 'dead_letter':
      return [alert.subject, alert.from];
  }
}

export function alertEvent(alert: Alert, at: number): AlertEvent {
  return { ...alert, v: 1, id: alertId(alert), at };
}

/** Throws `InvalidMessage` for anything that could not be told to anybody. */
export function decodeAlertEvent(data: Uint8Array): AlertEvent {
  const value = parse(data);
  assertAlertEvent(value);
  return value;
}

function assertAlertEvent(value: Record<string, unknown>): asserts value is Record<string, unknown> & AlertEvent {
  if (value['v'] !== 1) throw new InvalidMessage(`alert version ${JSON.stringify(value['v'])} is not supported`);
  if (!isAlertKind(value['kind'])) throw new InvalidMessage(`alert kind ${JSON.stringify(value['kind'])} is unknown`);
  if (typeof value['id'] !== 'string' || value['id'] === '') throw new InvalidMessage('alert id is missing');
  if (!Number.isSafeInteger(value['at'])) throw new InvalidMessage('alert time is missing');
}

export function isAlertKind(value: unknown): value is AlertKind {
  return typeof value === 'string' && (ALERT_KINDS as readonly string[]).includes(value);
}

function parse(data: Uint8Array): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(data));
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch (error) {
    throw new InvalidMessage('an alert is not JSON', { cause: error });
  }
  throw new InvalidMessage('an alert is not an object');
}
