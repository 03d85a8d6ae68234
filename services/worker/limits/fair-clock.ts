/**
 * Start-time fair queueing as data, so that it can be shared: the virtual time, and when each member's last job is done in it. The
 * member with the earliest start is next; see `../pool/fair-order.ts`.
 */
export interface FairClock {
  readonly time: number;
  readonly finished: Readonly<Record<string, number>>;
}

export const NEW_CLOCK: FairClock = { time: 0, finished: {} };

export function startOf({ time, finished }: FairClock, member: string): number {
  return Math.max(time, finished[member] ?? 0);
}

/** After a job of `member`. Members behind the virtual time have nothing to be remembered for. */
export function afterTurn(clock: FairClock, member: string, weight: number): FairClock {
  const time = startOf(clock, member);
  const active = Object.entries(clock.finished).filter(([, at]) => at > time);
  return { time, finished: { ...Object.fromEntries(active), [member]: time + 1 / weight } };
}
