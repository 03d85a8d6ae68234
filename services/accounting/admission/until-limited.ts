import type { LimitsMirror } from './limits-mirror.ts';

/** A pause that ends when somebody has limits. */
export interface UntilLimited {
  /** Resolves at the first limit, at `wake`, or when it is aborted. */
  readonly over: Promise<void>;
  /** Somebody was asked for: an ingress has heard of a limit that has not arrived here. */
  wake(): void;
}

export function untilLimited(mirror: Pick<LimitsMirror, 'isEmpty' | 'onChange'>, signal: AbortSignal): UntilLimited {
  const { promise, resolve } = Promise.withResolvers<void>();
  mirror.onChange = () => {
    if (!mirror.isEmpty) resolve();
  };
  if (!mirror.isEmpty || signal.aborted) resolve();
  signal.addEventListener('abort', () => resolve(), { once: true });
  return { over: promise, wake: resolve };
}
