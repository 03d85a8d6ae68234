export interface HealthReport {
  readonly ready: boolean;
  /** One line per dependency, `up` or what is wrong. */
  readonly checks: Readonly<Record<string, string>>;
}

/** A check says `true` for up; anything else, a string to show, or a rejection, is down. */
export type HealthCheck = () => boolean | string | Promise<boolean | string>;

export interface Health {
  add(name: string, check: HealthCheck): void;
  /** Called once the service has started: before, it is not ready. */
  started(): void;
  /** Called when the process was asked to end: it is not ready any more, while what is under way ends. */
  stopping(): void;
  report(): Promise<HealthReport>;
}

const CHECK_TIMEOUT_MS = 1_500;

/** What readiness probes ask. Checks run at each report, in parallel, each within 1.5 s. */
export function createHealth(): Health {
  const checks = new Map<string, HealthCheck>();
  let started = false;
  let stopping = false;
  return {
    add: (name, check) => void checks.set(name, check),
    started: () => {
      started = true;
    },
    stopping: () => {
      stopping = true;
    },
    report: async () => {
      const results = await Promise.all([...checks].map(async ([name, check]) => [name, await runCheck(check)] as const));
      const phase = stopping ? [['stop', 'under way'] as const] : started ? [] : [['start', 'under way'] as const];
      const all = [...results, ...phase];
      return { ready: all.every(([, state]) => state === 'up'), checks: Object.fromEntries(all) };
    },
  };
}

async function runCheck(check: HealthCheck): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<string>((done) => {
    timer = setTimeout(() => done('no answer'), CHECK_TIMEOUT_MS);
  });
  try {
    const result = await Promise.race([Promise.resolve().then(check), timeout]);
    if (result === true) return 'up';
    return typeof result === 'string' ? result : 'down';
  } catch {
    // The reason may hold a host or a password and goes to whoever can reach the probe: it stays in the logs.
    return 'down';
  } finally {
    clearTimeout(timer);
  }
}
