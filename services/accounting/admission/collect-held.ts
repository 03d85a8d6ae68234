import type { AdmissionDesk } from './admission-desk.ts';

/** Ingresses beat once a second while something is held for them: whoever is alive has told within this time what it is. */
const COLLECT_MS = 1_200;
/** For those that the leader before had not noted yet. */
const STRANGERS_MS = 150;
const COLLECT_STEP_MS = 10;

/** Resolves when all ingresses that are known have told what is held for them, or after a while: one that does not is gone, or was not known. */
export function collectHeld(
  desk: Pick<AdmissionDesk, 'told'>,
  { ingresses, signal }: { readonly ingresses: readonly string[]; readonly signal: AbortSignal },
): Promise<void> {
  const [since, until] = [performance.now() + STRANGERS_MS, performance.now() + COLLECT_MS];
  return new Promise((resolve) => {
    const look = (): void => {
      const haveAllTold = ingresses.length > 0 && performance.now() >= since && ingresses.every((ingress) => desk.told.has(ingress));
      if (haveAllTold || signal.aborted || performance.now() >= until) resolve();
      else setTimeout(look, COLLECT_STEP_MS);
    };
    look();
  });
}
