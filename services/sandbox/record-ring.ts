/**
 * The last N rows of numbers, kept in columns: made once, so that tens of thousands of rows a second leave nothing to collect.
 */
export interface RecordRing<Column extends string> {
  push(row: Readonly<Record<Column, number>>): void;
  /** Newest first; `make` builds each row from its columns. */
  newest<Row>(limit: number, make: (read: (column: Column) => number) => Row): Row[];
  clear(): void;
}

export function createRecordRing<Column extends string>(columns: readonly Column[], capacity: number): RecordRing<Column> {
  const stores = new Map(columns.map((name) => [name, new Float64Array(capacity)]));
  let pushed = 0;
  return {
    push: (row) => {
      for (const [name, values] of stores) values[pushed % capacity] = row[name];
      pushed += 1;
    },
    newest: (limit, make) =>
      Array.from({ length: Math.min(limit, pushed, capacity) }, (_, back) => {
        const slot = (pushed - 1 - back) % capacity;
        return make((column) => stores.get(column)?.[slot] ?? 0);
      }),
    clear: () => {
      pushed = 0;
    },
  };
}
