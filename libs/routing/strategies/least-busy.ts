import { busyness } from './busyness.ts';
import type { Strategy } from './strategy.ts';

/** Fewest calls under way or on their way first, in the whole cluster as far as it has told. */
export const leastBusy: Strategy = (members, { view, random }) => {
  // a whole call always counts for more than chance
  return members.map((member) => busyness(view.loads[member]) + random() / 2);
};
