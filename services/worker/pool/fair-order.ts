import { LANES, type Lane } from '#contracts';

/**
 * Whose job is next when several have one: start-time fair queueing (Goyal, Vin, Cheng 1996). Each is given its share by weight while it has
 * jobs; one that had none for a while begins at the present and not with what it did not use.
 */
export interface FairOrder<Member> {
  /** The one whose turn it is among those given; undefined for none. */
  next(members: Iterable<Member>): Member | undefined;
  /** A job of this one has been started. */
  started(member: Member): void;
}

export function createFairOrder<Member>(weightOf: (member: Member) => number): FairOrder<Member> {
  const finished = new Map<Member, number>();
  let virtualTime = 0;
  const startOf = (member: Member): number => Math.max(virtualTime, finished.get(member) ?? 0);
  return {
    next(members) {
      let best: Member | undefined;
      for (const member of members) if (best === undefined || startOf(member) < startOf(best)) best = member;
      return best;
    },
    started(member) {
      const start = startOf(member);
      virtualTime = start;
      finished.set(member, start + 1 / weightOf(member));
    },
  };
}

interface InLane {
  readonly route: { readonly lane: Lane };
}

/** The lanes by their weights, and the queues of each lane in turn. */
export function createQueueOrder<Queue extends InLane>(weights: Readonly<Record<Lane, number>>): FairOrder<Queue> {
  const lanes = createFairOrder<Lane>((lane) => weights[lane]);
  const queues = new Map(LANES.map((lane) => [lane, createFairOrder<Queue>(() => 1)]));
  return {
    next(members) {
      const ready = [...members];
      const lane = lanes.next(new Set(ready.map(({ route }) => route.lane)));
      return lane && queues.get(lane)?.next(ready.filter(({ route }) => route.lane === lane));
    },
    started(queue) {
      lanes.started(queue.route.lane);
      queues.get(queue.route.lane)?.started(queue);
    },
  };
}
