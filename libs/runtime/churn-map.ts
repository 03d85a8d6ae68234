/**
 * A map whose entries come and go all the time, such as requests under way.
 *
 * A plain `Map` makes itself a new table whenever deleted entries have filled the old one, and the old table keeps its entries and a
 * pointer to the new one. As soon as one such table has reached the old generation, every later table and all that was ever in it
 * outlive all collections of the young generation: 4 MB of finished requests were moved to the old generation at each scavenge,
 * 13 % of a busy process's time. Here the tables hold small numbers, places in a list; a place is emptied when its entry goes.
 * See docs/decisions/2026-11-22-objects-per-request.md.
 */
export class ChurnMap<V extends object> {
  readonly #places = new Map<string, number>();
  readonly #values: (V | undefined)[] = [];
  readonly #free: number[] = [];

  get size(): number {
    return this.#places.size;
  }

  get(key: string): V | undefined {
    const place = this.#places.get(key);
    return place === undefined ? undefined : this.#values[place];
  }

  set(key: string, value: V): void {
    const place = this.#places.get(key) ?? this.#free.pop() ?? this.#values.length;
    this.#places.set(key, place);
    this.#values[place] = value;
  }

  delete(key: string): boolean {
    const place = this.#places.get(key);
    if (place === undefined) return false;
    this.#places.delete(key);
    this.#values[place] = undefined;
    this.#free.push(place);
    return true;
  }

  /** In the order of their keys' first `set`, as a `Map` has it. Entries may be deleted meanwhile. */
  *entries(): IterableIterator<[string, V]> {
    for (const [key, place] of this.#places) {
      const value = this.#values[place];
      if (value !== undefined) yield [key, value];
    }
  }

  *values(): IterableIterator<V> {
    for (const [, value] of this.entries()) yield value;
  }
}
