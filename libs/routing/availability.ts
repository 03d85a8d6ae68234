/** What planning asks of the health of deployments: which are in cooldown, and until when. Answered from memory. */
export interface Availability {
  /** False while a deployment is in cooldown and no probe of it is due here. `now` is Unix milliseconds. */
  isAvailable(deploymentId: string, now: number): boolean;
  /** Unix milliseconds when a deployment that is not available may be tried again; undefined when nobody knows. */
  retryAtMs(deploymentId: string): number | undefined;
  /** True for one that is out for a limit of its provider's, which ends by itself: it is waited for, if the request has the time. */
  isWaitedFor?(deploymentId: string, deadlineAt: number): boolean;
}

export const ALWAYS_AVAILABLE: Availability = { isAvailable: () => true, retryAtMs: () => undefined };
