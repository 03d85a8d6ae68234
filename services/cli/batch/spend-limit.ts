/**
 * Keeps a batch within what it may spend: what has been spent, and what all lines under way may cost at most, are never more together. A
 * line whose most is not known counts as the dearest so far; before there is one, it goes alone.
 */
export interface SpendLimit {
  /** True when the line may go now, and is counted then. */
  tryReserve(id: string, mostPico: bigint | undefined): boolean;
  /** The line is over. */
  settle(id: string, costPico: bigint): void;
  readonly underWay: number;
}

export function createSpendLimit(options: { readonly maxPico: bigint | undefined; readonly spentPico: bigint }): SpendLimit {
  const { maxPico } = options;
  const held = new Map<string, bigint>();
  let heldPico = 0n;
  let { spentPico } = options;
  let dearest: bigint | undefined;
  return {
    get underWay() {
      return held.size;
    },
    tryReserve(id, mostPico) {
      const known = mostPico ?? dearest;
      if (maxPico !== undefined) {
        const isFirst = known === undefined && held.size === 0 && spentPico < maxPico;
        if (known === undefined ? !isFirst : spentPico + heldPico + known > maxPico) return false;
      }
      const pico = known ?? 0n;
      heldPico += pico;
      held.set(id, pico);
      return true;
    },
    settle(id, costPico) {
      const pico = held.get(id);
      if (pico !== undefined) heldPico -= pico;
      held.delete(id);
      spentPico += costPico;
      if (dearest === undefined || costPico > dearest) dearest = costPico;
    },
  };
}
