import type { MeterTotals } from './meter.ts';

export type Tally = { -readonly [Field in keyof MeterTotals]: number };

export interface Account {
  readonly totals: Tally;
  readonly index: number;
}

/** Totals by a name that comes from clients: past `MAX_NAMES` the rest is counted as `other`. */
export interface Accounts {
  of(key: string): Account;
  nameOf(index: number): string;
  read(): Record<string, MeterTotals>;
}

const MAX_NAMES = 1_000;

/** `nameOf` is asked once per key. */
export function createAccounts(nameOf: (key: string) => string): Accounts {
  const byKey = new Map<string, Account>();
  const byName = new Map<string, Account>();
  const names: string[] = [];

  function open(name: string): Account {
    const known = byName.get(name);
    if (known !== undefined) return known;
    names.push(name);
    const made = { totals: zeroTally(), index: names.length - 1 };
    byName.set(name, made);
    return made;
  }

  return {
    of: (key) => {
      const known = byKey.get(key);
      if (known !== undefined) return known;
      if (byKey.size >= MAX_NAMES) return open('other');
      const made = open(nameOf(key));
      byKey.set(key, made);
      return made;
    },
    nameOf: (index) => names[index] ?? '',
    read: () => Object.fromEntries([...byName].map(([name, { totals }]) => [name, { ...totals }])),
  };
}

export function zeroTally(): Tally {
  return { requests: 0, completed: 0, aborted: 0, cut: 0, refused: 0, promptTokens: 0, cachedTokens: 0, completionTokens: 0 };
}
