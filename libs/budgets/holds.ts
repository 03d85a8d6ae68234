import type { Hold } from './hold.ts';

/** All holds, by job. */
export interface Holds {
  find(job: string): Hold | undefined;
  add(hold: Hold): void;
  remove(hold: Hold): void;
  /** Those that it answers for. */
  ofIngress(ingress: string): Iterable<Hold>;
  all(): Iterable<Hold>;
  /** Those that no ingress answers for. */
  durable(): Iterable<Hold>;
  readonly size: number;
}

/** A `Map`, or one that is made for entries which come and go all the time. */
export interface JobMap<V> {
  get(job: string): V | undefined;
  set(job: string, value: V): unknown;
  delete(job: string): boolean;
  values(): Iterable<V>;
  readonly size: number;
}

export function createHolds(byJob: JobMap<Hold>): Holds {
  const durable = new Set<Hold>();
  return {
    find: (job) => byJob.get(job),
    add(hold) {
      byJob.set(hold.ticket.job, hold);
      if (hold.ticket.durable === true) durable.add(hold);
    },
    remove(hold) {
      byJob.delete(hold.ticket.job);
      if (hold.ticket.durable === true) durable.delete(hold);
    },
    *ofIngress(ingress) {
      // once a second for each of them: a list of its own would cost something at every call
      for (const hold of byJob.values()) if (hold.ingress === ingress) yield hold;
    },
    all: () => byJob.values(),
    durable: () => durable,
    get size() {
      return byJob.size;
    },
  };
}
