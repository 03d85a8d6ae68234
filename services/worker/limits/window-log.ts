/**
 * What was used of a limit, as an exact sliding window: any window of `windowMs` holds at most what the limit says. (A token bucket lets
 * through twice as much in the window that begins with a full one.)
 *
 * Uses that lie close together share an entry, which counts until its last use has left the window: never too little, and at most a
 * hundredth of the window too long. A limit of any height is a hundred entries.
 */
export interface WindowEntry {
  /** Which hundredth of a window it is; names the entry for corrections. */
  readonly slice: number;
  /** The last use in it (Unix ms). */
  readonly lastAt: number;
  readonly requests: number;
  readonly tokens: number;
}

export interface Use {
  readonly requests: number;
  readonly tokens: number;
}

const SLICES = 100;

/**
 * How much longer than the window a use counts: requests take different times to reach a provider (a cold connection 100 ms and more),
 * and it counts them as they arrive.
 */
export function marginMs(windowMs: number): number {
  return Math.max(500, windowMs / 60);
}

export function sliceOf(at: number, windowMs: number): number {
  return Math.floor((at * SLICES) / windowMs);
}

/** Without what no longer counts at `now`. */
export function inWindow(log: readonly WindowEntry[], now: number, windowMs: number): readonly WindowEntry[] {
  const countsFrom = now - windowMs - marginMs(windowMs);
  return log.filter(({ lastAt }) => lastAt > countsFrom);
}

export function addUse(log: readonly WindowEntry[], use: Use, now: number, windowMs: number): readonly WindowEntry[] {
  const last = log.at(-1);
  const slice = sliceOf(now, windowMs);
  if (last === undefined || last.slice < slice) return [...log, { slice, lastAt: now, ...use }];
  const joined = {
    slice: last.slice,
    lastAt: Math.max(last.lastAt, now),
    requests: last.requests + use.requests,
    tokens: last.tokens + use.tokens,
  };
  return [...log.slice(0, -1), joined];
}

/** A use came later than it was granted: its process was busy. */
export function moveUse(log: readonly WindowEntry[], slice: number, at: number): readonly WindowEntry[] {
  return log.map((entry) => (entry.slice === slice && entry.lastAt < at ? { ...entry, lastAt: at } : entry));
}

/** Puts right what an estimate has got wrong. What is no longer in the log no longer counts. */
export function correctTokens(log: readonly WindowEntry[], slice: number, difference: number): readonly WindowEntry[] {
  return log.map((entry) => (entry.slice === slice ? { ...entry, tokens: Math.max(0, entry.tokens + difference) } : entry));
}

/** When (Unix ms) so much more of `unit` fits under the limit: `now` if it fits at once. Infinity for what is more than the whole limit. `log` holds only what counts at `now`. */
export function fitsAt(log: readonly WindowEntry[], unit: keyof Use, limit: number, more: number, now: number, windowMs: number): number {
  let over = log.reduce((sum, entry) => sum + entry[unit], 0) + more - limit;
  if (over <= 0) return now;
  for (const entry of log) {
    over -= entry[unit];
    if (over <= 0) return Math.ceil(entry.lastAt + windowMs + marginMs(windowMs));
  }
  return Infinity;
}
