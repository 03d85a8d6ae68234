/** A reason why `headrace up` can't start, in words for the person at the terminal: printed as it is, exit code 1. */
export class UpError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'UpError';
  }
}

/** What a system error means for the data folder, as one line. */
export function describeFileError(error: unknown, path: string): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EACCES' || code === 'EPERM') return `${path} can't be written by this user: choose another folder with --data-dir`;
  if (code === 'ENOSPC') return `there is no space left for ${path}`;
  return `${path} can't be used: ${error instanceof Error ? error.message : String(error)}`;
}
