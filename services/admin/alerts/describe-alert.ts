import type { Alert, Scope } from '#contracts';

/** An alert in words for people. */
export interface AlertText {
  readonly title: string;
  /** What there is to know, by name; in the order in which it is told. */
  readonly facts: readonly (readonly [name: string, value: string])[];
}

export function describeAlert(alert: Alert): AlertText {
  switch (alert.kind) {
    case 'soft_budget':
    case 'budget_reached':
      return describeBudget(alert);
    case 'key_expiring':
      return {
        title: `The key ${alert.alias ?? alert.masked} is about to expire`,
        facts: known([
          ['Key', alert.masked],
          ['Alias', alert.alias],
          ['Team', alert.teamId],
          ['User', alert.userId],
          ['Expires', time(alert.expiresAt)],
        ]),
      };
    case 'spend_anomaly':
      return {
        title: `Unusual spend of ${scopeText(alert.scope)}: $${alert.spentUsd} in an hour`,
        facts: [
          ['Hour', `${time(alert.from)} to ${time(alert.until)}`],
          ['Spent', `$${alert.spentUsd}`],
          ['Usual', `$${alert.usualUsd} an hour`],
        ],
      };
    case 'provider_down':
      return {
        title: `${alert.provider} is down: the deployment ${alert.deploymentId} gets no requests`,
        facts: known([
          ['Provider', alert.provider],
          ['Deployment', alert.deploymentId],
          ['Model', alert.modelGroup],
          ['Since', time(alert.since)],
          ['Cause', alert.cause],
        ]),
      };
    case 'dead_letter':
      return {
        title: `Dead letter: a ${alert.what} could not be worked off`,
        facts: [
          ['Letter', String(alert.letter)],
          ['Subject', alert.subject],
          ['Cause', alert.cause],
        ],
      };
  }
}

function describeBudget(alert: Extract<Alert, { kind: 'soft_budget' | 'budget_reached' }>): AlertText {
  const whose = scopeText(alert.scope);
  const title =
    alert.kind === 'soft_budget' ? `The soft budget of ${whose} is reached` : `The budget of ${whose} is used up: requests are refused`;
  return {
    title,
    facts: known([
      ['Limit', `$${alert.limitUsd}`],
      ['Spent', `$${alert.spentUsd}`],
      ['Model', alert.model],
      ['Period', alert.period],
      ['Resets', alert.resetsAt === undefined ? undefined : time(alert.resetsAt)],
    ]),
  };
}

/** A key's hash is long: its beginning tells it apart. */
function scopeText({ kind, id }: Scope): string {
  if (kind === 'gateway') return 'the whole gateway';
  return `the ${kind} ${kind === 'key' ? `${id.slice(0, 12)}…` : id}`;
}

function known(facts: readonly (readonly [string, string | undefined])[]): [string, string][] {
  return facts.flatMap(([name, value]): [string, string][] => (value === undefined ? [] : [[name, value]]));
}

function time(unixMs: number): string {
  return new Date(unixMs).toISOString();
}
