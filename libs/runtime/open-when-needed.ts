/** Opens something when it is first asked for, once for all who ask; a failure is theirs, and the next one tries again. */
export function openWhenNeeded<T>(open: () => Promise<T>): () => Promise<T> {
  let opened: Promise<T> | undefined;
  return async () => {
    opened ??= open();
    try {
      return await opened;
    } catch (error) {
      opened = undefined;
      throw error;
    }
  };
}
