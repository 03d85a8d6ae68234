/** News by name, for those who wait for the next one. */
export interface Changes {
  /** Resolves at the next change. Whoever asked first goes first. */
  next(name: string): Promise<void>;
  happened(name: string): void;
}

export function createChanges(): Changes {
  const awaited = new Map<string, PromiseWithResolvers<void>>();
  return {
    next(name) {
      const known = awaited.get(name) ?? Promise.withResolvers<void>();
      awaited.set(name, known);
      return known.promise;
    },
    happened(name) {
      awaited.get(name)?.resolve();
      awaited.delete(name);
    },
  };
}
