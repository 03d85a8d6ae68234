import type { Hold } from './hold.ts';

/** All holds, by job and by the ingress that answers for them. */
export interface Holds {
  find(job: string): Hold | undefined;
  add(hold: Hold): void;
  remove(hold: Hold): void;
  ofIngress(ingress: string): Iterable<Hold>;
  all(): Iterable<Hold>;
  /** Those that no ingress answers for. */
  durable(): Iterable<Hold>;
  readonly size: number;
}

export function createHolds(): Holds {
  const byJob = new Map<string, Hold>();
  const byIngress = new Map<string, Set<Hold>>();
  const durable = new Set<Hold>();
  return {
    find: (job) => byJob.get(job),
    add(hold) {
      byJob.set(hold.ticket.job, hold);
      if (hold.ticket.durable === true) durable.add(hold);
      const same = byIngress.get(hold.ingress) ?? new Set();
      byIngress.set(hold.ingress, same.add(hold));
    },
    remove(hold) {
      byJob.delete(hold.ticket.job);
      durable.delete(hold);
      const same = byIngress.get(hold.ingress);
      same?.delete(hold);
      if (same?.size === 0) byIngress.delete(hold.ingress);
    },
    ofIngress: (ingress) => byIngress.get(ingress) ?? [],
    all: () => byJob.values(),
    durable: () => durable,
    get size() {
      return byJob.size;
    },
  };
}
