import type { Logger } from './logger.ts';

type Release = () => unknown;

interface Entry {
  readonly name: string;
  readonly release: Release;
}

/**
 * What was acquired, in order, with the way to give each back.
 *
 * open → releasing → released. Open: `add` stores. From `run` on: what is added late (a start that was still under way)
 * is released at once, so that nothing acquired during shutdown is left behind.
 */
export class ReleaseStack {
  readonly #entries: Entry[] = [];
  readonly #log: Pick<Logger, 'error' | 'warn'>;
  #running: Promise<void> | undefined;

  constructor(log: Pick<Logger, 'error' | 'warn'>) {
    this.#log = log;
  }

  /** Registers the release of a resource; call it on the line that acquires. */
  add(name: string, release: Release): void {
    if (this.#running !== undefined) void this.#release({ name, release });
    else this.#entries.push({ name, release });
  }

  /** Runs every release in reverse order, one after the other, within `deadlineMs` in all. Never rejects; a second call joins the first. */
  run(deadlineMs: number): Promise<void> {
    this.#running ??= this.#runWithin(deadlineMs);
    return this.#running;
  }

  async #runWithin(deadlineMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<'late'>((done) => {
      timer = setTimeout(() => done('late'), deadlineMs);
    });
    const outcome = await Promise.race([this.#releaseAll(), deadline]);
    clearTimeout(timer);
    if (outcome === 'late') this.#log.warn({ deadlineMs, left: this.#entries.map((entry) => entry.name) }, 'shutdown deadline passed');
  }

  async #releaseAll(): Promise<'done'> {
    for (let entry = this.#entries.at(-1); entry !== undefined; entry = this.#entries.at(-1)) {
      await this.#release(entry);
      this.#entries.pop();
    }
    return 'done';
  }

  async #release(entry: Entry): Promise<void> {
    try {
      await entry.release();
    } catch (err) {
      this.#log.error({ err, resource: entry.name }, 'release failed');
    }
  }
}
