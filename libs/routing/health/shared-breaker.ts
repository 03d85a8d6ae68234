import type { ErrorCode, HealthRecord } from '#contracts';

/** Where breakers are shared: `HealthBucket` of `#bus`. */
export interface HealthStore {
  read(deploymentId: string): Promise<{ readonly record: HealthRecord; readonly revision: number } | undefined>;
  /** Undefined when somebody else has written since `revision`. */
  write(record: HealthRecord, revision: number): Promise<number | undefined>;
}

export interface BreakerOptions {
  readonly store: HealthStore;
  readonly by: string;
  readonly now: () => number;
  readonly onError: (error: unknown, deploymentId: string) => void;
  readonly onChange?: ((record: HealthRecord) => void) | undefined;
  /** Called for every record, also those that change nothing between in and out. */
  readonly onRecord?: ((record: HealthRecord) => void) | undefined;
}

/**
 * One deployment's breaker. What this process decides counts here at once and is written behind; what another wrote meanwhile is
 * taken over, but for a cooldown that ends earlier than the own one.
 */
export interface SharedBreaker {
  readonly record: HealthRecord | undefined;
  /** This process has the probe. */
  readonly isProbing: boolean;
  open(code: ErrorCode, until: number, waits?: boolean): void;
  /** True for the one process of all that may make the next call. */
  claim(leaseMs: number): Promise<boolean>;
  close(): void;
  /** Gives the probe back undecided: the next one is due at once. Nothing without a probe. */
  release(): void;
  apply(record: HealthRecord, revision: number): void;
  settled(): Promise<void>;
}

/** A probe that takes longer than this is not waited for. */
const LEAST_LEASE_MS = 10_000;
const LEAST_EXTENSION_MS = 1_000;

export function createSharedBreaker(deploymentId: string, options: BreakerOptions): SharedBreaker {
  const { store: bucket, by, now, onError } = options;
  let record: HealthRecord | undefined;
  let revision = 0;
  let isProbing = false;
  let writing: Promise<void> = Promise.resolve();

  const become = (next: HealthRecord): HealthRecord => {
    const isNews = (record?.state ?? 'closed') === 'closed' ? next.state !== 'closed' : next.state === 'closed';
    record = next;
    if (isNews) options.onChange?.(next);
    options.onRecord?.(next);
    return next;
  };
  const adopt = (stored: { readonly record: HealthRecord; readonly revision: number } | undefined): void => {
    revision = stored?.revision ?? 0;
    if (stored) become(stored.record);
  };

  /** Takes over what somebody else wrote first, unless the own word outlasts it. */
  const store = async (wanted: HealthRecord): Promise<void> => {
    const written = await bucket.write(wanted, revision);
    if (written !== undefined) return void (revision = written);
    const stored = await bucket.read(deploymentId);
    if (!outlasts(wanted, stored?.record)) return adopt(stored);
    revision = (await bucket.write(wanted, stored?.revision ?? 0)) ?? stored?.revision ?? 0;
  };
  /** One write after the other: each builds on the revision of the one before. */
  const persist = (wanted: HealthRecord): void => {
    become(wanted);
    writing = writing.then(() => store(wanted)).catch((error: unknown) => onError(error, deploymentId));
  };
  const changed = (state: HealthRecord['state'], until: number, code: ErrorCode, waits = false): HealthRecord =>
    nextRecord(record, { deploymentId, state, until, code, by, now: now(), waits });
  const take = async (lease: HealthRecord): Promise<boolean> => {
    const claimed = await bucket.write(lease, revision);
    if (claimed === undefined) {
      adopt(await bucket.read(deploymentId));
      return isClosed();
    }
    revision = claimed;
    isProbing = true;
    become(lease);
    return true;
  };
  const isClosed = (): boolean => record === undefined || record.state === 'closed';

  return {
    get record() {
      return record;
    },
    get isProbing() {
      return isProbing;
    },
    open(code, until, waits = false) {
      isProbing = false;
      // calls that were under way fail one after the other: each would prolong it by next to nothing
      if (record?.state === 'open' && until <= record.until + LEAST_EXTENSION_MS) return;
      persist(changed('open', until, code, waits));
    },
    async claim(leaseMs) {
      await writing;
      if (record === undefined || isClosed()) return true;
      if (isProbing || now() < record.until) return false;
      const lease = changed('probing', now() + Math.max(LEAST_LEASE_MS, leaseMs), record.code, record.waits);
      return take(lease).catch((error: unknown) => (onError(error, deploymentId), false));
    },
    close() {
      isProbing = false;
      if (record !== undefined) persist(changed('closed', now(), record.code));
    },
    release() {
      if (!isProbing || record === undefined) return;
      isProbing = false;
      persist(changed('open', now(), record.code, record.waits));
    },
    apply(next, at) {
      if (at <= revision) return;
      revision = at;
      if (next.by !== by || next.state !== 'probing') isProbing = false;
      become(next);
    },
    settled: () => writing,
  };
}

/** A cooldown of ours against what somebody else wrote first: the longer one stays. Anything else of ours came too late. */
function outlasts(own: HealthRecord, stored: HealthRecord | undefined): boolean {
  if (stored === undefined) return true;
  return own.state === 'open' && own.until > stored.until;
}

interface Change extends Pick<HealthRecord, 'deploymentId' | 'state' | 'until' | 'code' | 'by'> {
  readonly waits: boolean;
  readonly now: number;
}

function nextRecord(before: HealthRecord | undefined, { waits, now, ...change }: Change): HealthRecord {
  const since = before === undefined || before.state === 'closed' ? now : before.since;
  return { v: 1, ...change, ...(waits ? { waits } : {}), since };
}
