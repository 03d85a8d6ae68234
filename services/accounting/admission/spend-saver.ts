import type { AdmissionEngine } from '#budgets';
import type { SpendStore, StoredSpend } from './spend-store.ts';

/** Writes what a leader knows of spend, one write after the other. */
export interface SpendSaver {
  /** Writes what has changed since the last time, after what is being written. */
  save(): Promise<void>;
}

export interface SaverOptions {
  readonly engine: Pick<AdmissionEngine, 'takeChanges'>;
  readonly store: Pick<SpendStore, 'save'>;
  /** Whether this process leads and nobody else can. */
  readonly mayWrite: () => boolean;
  readonly place: () => Pick<StoredSpend, 'storedAt' | 'ingresses'>;
  /** Somebody else has written. */
  readonly onDeposed: () => void;
  readonly log: { warn(fields: object, message: string): void };
}

export function createSpendSaver({ engine, store, mayWrite, place, onDeposed, log }: SaverOptions): SpendSaver {
  let saving: Promise<void> = Promise.resolve();
  const saveNow = async (): Promise<void> => {
    if (!mayWrite()) return;
    try {
      // the place and the changes are read together: what is stored must not claim more than it has
      if (!(await store.save({ ...place(), ...engine.takeChanges() }))) onDeposed();
    } catch (error) {
      log.warn({ err: error }, 'spend could not be stored: it is tried again');
    }
  };
  return {
    save() {
      saving = saving.then(saveNow);
      return saving;
    },
  };
}
