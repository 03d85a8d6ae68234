/** LiteLLM's bounds: https://docs.litellm.ai/docs/routing#retries */
const FIRST_PAUSE_MS = 500;
const LONGEST_BACKOFF_MS = 8_000;

export interface PauseInput {
  /** How often this job has failed at the next deployment. */
  readonly failedThere: number;
  /** The next deployment is the one that has just failed. */
  readonly sameDeployment: boolean;
  readonly providerAskedMs: number | undefined;
  /** `retry_after`. */
  readonly floorMs: number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

/**
 * Milliseconds to wait before the next attempt. A deployment that this job has not failed at is tried at once; the one that failed
 * just now after what the provider asked for, else after an exponential pause, less up to a quarter by chance, and never
 * less than `retry_after`.
 */
export function pauseBeforeNext({ failedThere, sameDeployment, providerAskedMs, floorMs, random }: PauseInput): number {
  if (failedThere === 0) return 0;
  const backoffMs = Math.min(LONGEST_BACKOFF_MS, FIRST_PAUSE_MS * 2 ** (failedThere - 1)) * (0.75 + random() / 4);
  return Math.max(floorMs, (sameDeployment ? providerAskedMs : undefined) ?? backoffMs);
}
