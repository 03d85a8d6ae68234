export interface OutageLog {
  info(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Whether the database answers, told in one log line at the start of an outage and one at its end. */
export interface Outage {
  up(): void;
  down(error: unknown): void;
}

export interface OutageOptions {
  readonly log: OutageLog;
  readonly now: () => number;
  readonly onChange: (up: boolean) => void;
}

export function createOutage({ log, now, onChange }: OutageOptions): Outage {
  let since: number | undefined;
  return {
    up() {
      if (since !== undefined) log.info({ outageMs: now() - since }, 'database is back: events are applied again');
      since = undefined;
      onChange(true);
    },
    down(error) {
      if (since === undefined) log.error({ err: error }, 'database does not take events: they are kept and tried again');
      since ??= now();
      onChange(false);
    },
  };
}
