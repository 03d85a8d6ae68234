/** Until when the submissions of an owner are held back. */
export interface OwnerHolds {
  /** Unix milliseconds; undefined where nothing holds them. */
  until(owner: string): number | undefined;
  hold(owner: string, untilMs: number): void;
}

const MOST_OWNERS = 10_000;

export function createOwnerHolds(now: () => number): OwnerHolds {
  const holds = new Map<string, number>();
  return {
    until(owner) {
      const until = holds.get(owner);
      if (until === undefined || until > now()) return until;
      holds.delete(owner);
      return undefined;
    },
    hold(owner, untilMs) {
      if (holds.size >= MOST_OWNERS) for (const [other, until] of holds) if (until <= now()) holds.delete(other);
      holds.set(owner, untilMs);
    },
  };
}
