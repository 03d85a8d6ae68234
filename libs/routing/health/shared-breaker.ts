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
  return new StoredBreaker(deploymentId, options);
}

class StoredBreaker implements SharedBreaker {
  record: HealthRecord | undefined;
  isProbing = false;
  readonly #deploymentId: string;
  readonly #options: BreakerOptions;
  #revision = 0;
  #writing: Promise<void> = Promise.resolve();
  /** The newest decision of this process. */
  #decided: HealthRecord | undefined;

  constructor(deploymentId: string, options: BreakerOptions) {
    this.#deploymentId = deploymentId;
    this.#options = options;
  }

  open(code: ErrorCode, until: number, waits = false): void {
    this.isProbing = false;
    // calls that were under way fail one after the other: each would prolong it by next to nothing
    if (this.record?.state === 'open' && until <= this.record.until + LEAST_EXTENSION_MS) return;
    this.#persist(this.#changed('open', until, code, waits));
  }

  async claim(leaseMs: number): Promise<boolean> {
    const { now, onError } = this.#options;
    await this.#writing;
    const { record } = this;
    if (record === undefined || record.state === 'closed') return true;
    if (this.isProbing || now() < record.until) return false;
    const lease = this.#changed('probing', now() + Math.max(LEAST_LEASE_MS, leaseMs), record.code, record.waits);
    return this.#take(lease).catch((error: unknown) => (onError(error, this.#deploymentId), false));
  }

  close(): void {
    this.isProbing = false;
    if (this.record !== undefined) this.#persist(this.#changed('closed', this.#options.now(), this.record.code));
  }

  release(): void {
    if (!this.isProbing || this.record === undefined) return;
    this.isProbing = false;
    this.#persist(this.#changed('open', this.#options.now(), this.record.code, this.record.waits));
  }

  apply(next: HealthRecord, revision: number): void {
    if (revision <= this.#revision) return;
    this.#revision = revision;
    if (next.by !== this.#options.by || next.state !== 'probing') this.isProbing = false;
    this.#become(next);
  }

  settled(): Promise<void> {
    return this.#writing;
  }

  #become(next: HealthRecord): void {
    const isNews = (this.record?.state ?? 'closed') === 'closed' ? next.state !== 'closed' : next.state === 'closed';
    this.record = next;
    if (isNews) this.#options.onChange?.(next);
    this.#options.onRecord?.(next);
  }

  #changed(state: HealthRecord['state'], until: number, code: ErrorCode, waits = false): HealthRecord {
    const { by, now } = this.#options;
    return nextRecord(this.record, { deploymentId: this.#deploymentId, state, until, code, by, now: now(), waits });
  }

  /** One write after the other: each builds on the revision of the one before. */
  #persist(wanted: HealthRecord): void {
    this.#decided = wanted;
    this.#become(wanted);
    this.#writing = this.#writing
      .then(() => this.#write(wanted))
      .catch((error: unknown) => this.#options.onError(error, this.#deploymentId));
  }

  /** Takes over what somebody else wrote first, unless the own word outlasts it. */
  async #write(wanted: HealthRecord): Promise<void> {
    const { store } = this.#options;
    const written = await store.write(wanted, this.#revision);
    if (written !== undefined) return this.#keep(wanted, written);
    const stored = await store.read(this.#deploymentId);
    if (!outlasts(wanted, stored?.record)) return this.#adopt(stored);
    const rewritten = await store.write(wanted, stored?.revision ?? 0);
    if (rewritten !== undefined) return this.#keep(wanted, rewritten);
    this.#revision = Math.max(this.#revision, stored?.revision ?? 0);
  }

  /** An older word that was heard of while this one was being written counts no more; one that came after it does. */
  #keep(wanted: HealthRecord, revision: number): void {
    if (revision < this.#revision) return;
    this.#revision = revision;
    if (wanted === this.#decided && this.record !== wanted) this.#become(wanted);
  }

  #adopt(stored: { readonly record: HealthRecord; readonly revision: number } | undefined): void {
    this.#revision = stored?.revision ?? 0;
    if (stored) this.#become(stored.record);
  }

  async #take(lease: HealthRecord): Promise<boolean> {
    const { store } = this.#options;
    const claimed = await store.write(lease, this.#revision);
    if (claimed === undefined) {
      this.#adopt(await store.read(this.#deploymentId));
      return this.record === undefined || this.record.state === 'closed';
    }
    this.#revision = claimed;
    this.isProbing = true;
    this.#become(lease);
    return true;
  }
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
