/** A token as an authority issued it. */
export interface IssuedToken {
  readonly token: string;
  /** Unix milliseconds. */
  readonly expiresAt: number;
}

export interface TokenSource {
  /** At once while a token is good, so that a request has nothing to wait for; else when one is there. Rejects with `GatewayError`. */
  token(): string | Promise<string>;
}

/** A token is replaced this long before its end, or after three quarters of a shorter life. */
const REFRESH_AHEAD_MS = 5 * 60_000;
/** Not used any more so close to its end, or in the last twentieth of a shorter life: the provider checks it later than we do. */
const SAFETY_MS = 10_000;
/** Between two tries to replace a token that is still good. */
const RETRY_PAUSE_MS = 10_000;

/**
 * Keeps one token. Many that ask at a time share one request to the authority. A token near its end is replaced in the background
 * while it is still handed out, so an authority that fails for a minute is not noticed.
 */
export function createTokenSource(issue: () => Promise<IssuedToken>, now: () => number): TokenSource {
  let current: { readonly token: string; readonly refreshAt: number; readonly usableUntil: number } | undefined;
  let pending: Promise<string> | undefined;
  let nextTryAt = 0;

  async function replace(): Promise<string> {
    const issuedAt = now();
    try {
      const { token, expiresAt } = await issue();
      const lifeMs = expiresAt - issuedAt;
      current = {
        token,
        refreshAt: expiresAt - Math.min(REFRESH_AHEAD_MS, lifeMs / 4),
        usableUntil: expiresAt - Math.min(SAFETY_MS, lifeMs / 20),
      };
      return token;
    } finally {
      pending = undefined;
      nextTryAt = now() + RETRY_PAUSE_MS;
    }
  }

  return {
    token: () => {
      const at = now();
      if (current === undefined || at >= current.usableUntil) return (pending ??= replace());
      // a failure here shows when the token has ended, with nobody's request lost before
      if (at >= current.refreshAt && at >= nextTryAt) (pending ??= replace()).catch(() => undefined);
      return current.token;
    },
  };
}
