import type { Strategy } from './strategy.ts';

/**
 * By chance, in proportion to the weights: exponential variates with the weights as rates come in the order of weighted drawing
 * without putting back. A weight of 0 is last. https://en.wikipedia.org/wiki/Exponential_distribution (distribution of the minimum)
 */
export const simpleShuffle: Strategy = (members, { view, random }) => {
  return members.map((member) => {
    const weight = view.weights[member] ?? 0;
    const uniform = random();
    return weight > 0 ? -Math.log(1 - uniform) / weight : LAST * (1 + uniform);
  });
};

const LAST = Number.MAX_VALUE / 4;
