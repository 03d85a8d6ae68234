import type { OpenTicket } from '#contracts';
import type { Hold } from './hold.ts';

/** An ingress that says nothing for so long is dead. Its calls end by themselves and are charged by their events. */
const SILENT_INGRESS_MS = 10_000;
/** No job outlives its deadline by so much. */
const OVERDUE_MS = 30_000;
/** Beats that do not name a job for so long: its ingress never heard of it, or is through with it. The answer may have been under way. */
const ORPHAN_MS = 5_000;

export interface StaleOptions {
  readonly at: number;
  /** When each ingress was last heard, Unix milliseconds. Those that are silent for long are dropped from it. */
  readonly heardAt: Map<string, number>;
}

/** Holds that nobody will ever settle or release: the backstop behind events, releases and beats. */
export function staleHolds(holds: Iterable<Hold>, { at, heardAt }: StaleOptions): readonly Hold[] {
  const isSilent = (ingress: string): boolean => at - (heardAt.get(ingress) ?? 0) >= SILENT_INGRESS_MS;
  const stale = [...holds].filter(
    ({ ticket, ingress, orphanSince }) =>
      isOverdue(ticket, at) ||
      (ticket.durable !== true && ((orphanSince !== undefined && at - orphanSince >= ORPHAN_MS) || isSilent(ingress))),
  );
  for (const ingress of [...heardAt.keys()].filter(isSilent)) heardAt.delete(ingress);
  return stale;
}

export function isOverdue({ deadlineAt }: OpenTicket, at: number): boolean {
  return at >= deadlineAt + OVERDUE_MS;
}
