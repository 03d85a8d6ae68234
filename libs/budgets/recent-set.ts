/** Remembers the last so many names, and up to as many again: two generations instead of an order. */
export interface RecentSet {
  has(name: string): boolean;
  add(name: string): void;
}

export function createRecentSet(size: number): RecentSet {
  let young = new Set<string>();
  let old = new Set<string>();
  return {
    has: (name) => young.has(name) || old.has(name),
    add(name) {
      young.add(name);
      if (young.size < size) return;
      old = young;
      young = new Set();
    },
  };
}
