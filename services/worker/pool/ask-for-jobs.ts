import type { Slots } from './slots.ts';
import type { Source } from './source.ts';

/**
 * What is asked for when slots are free. A pull that waits is a slot promised to its queue, so as little is promised as keeps the jobs
 * coming:
 *
 * - while slots are plenty, each queue has pulls open for as many jobs as its window says, and is asked for more when half of them have
 *   come. A window that was used up is doubled, up to the lane's share of the free slots; what has not come when a pull expires is
 *   taken off it. (With fixed windows of the lanes' shares, queues without jobs held on to nine tenths of the slots.) What has not come
 *   50 ms after the queue's last job is no promise any more: when a queue runs dry its slots go to the others, not to nobody until the
 *   pull expires (2 of 4 slots stood empty for 2 s after a burst);
 * - when slots are few, a free one goes from queue to queue, the one whose turn it is first, asking each for a job that is there now;
 * - once nobody has one, each queue has a pull of one open. These may answer together and bring more jobs than there are slots: the
 *   pool holds what is too many for a moment.
 *
 * Queues whose deployment gives permits have a pull of one open while no job of theirs waits here.
 */
export interface AskInput {
  readonly sources: readonly Source[];
  readonly slots: Pick<Slots, 'total' | 'running' | 'roomFor'>;
  /** The queue whose turn it is. */
  readonly next: (sources: Iterable<Source>) => Source | undefined;
  readonly now: number;
}

/** Returns whether slots are kept for pulls that may turn out to be of a dry queue: then it is to be called again after `DRY_AFTER_MS`. */
export function askForJobs(input: AskInput): boolean {
  const { sources, slots, now } = input;
  const open = slots.total - slots.running;
  if (open <= 0) return false;
  const mayAsk = (source: Source): boolean => slots.roomFor(source) > 0;
  for (const source of sources) {
    if (source.isGated && source.held.length + source.puller.wanted === 0 && mayAsk(source)) source.puller.ask(1);
  }
  const free = sources.filter((source) => !source.isGated && mayAsk(source));
  const promised = sources.reduce((sum, source) => sum + promisedTo(source, now), 0);
  const left = askAhead(free, open, open - heldWithoutPermit(sources) - promised);
  askOneByOne(free, left, input);
  return promised > 0;
}

/** A queue whose jobs stopped coming for so long is taken for dry. */
export const DRY_AFTER_MS = 50;

/** The first of a waiting pull is not a promise: it is what brings a job at all. */
function promisedTo({ isGated, puller, lastJobAt }: Source, now: number): number {
  if (isGated) return 0;
  return now - lastJobAt > DRY_AFTER_MS ? puller.trying : puller.trying + Math.max(0, puller.wanted - puller.trying - 1);
}

function heldWithoutPermit(sources: readonly Source[]): number {
  return sources.reduce((sum, { held }) => sum + held.filter(({ deployment }) => deployment === undefined).length, 0);
}

/** Returns the slots nobody has been promised. */
function askAhead(sources: readonly Source[], open: number, spare: number): number {
  let left = spare;
  for (const { share, puller, window } of sources) {
    const most = Math.floor(open * share);
    const target = Math.min(window, most);
    const missing = Math.min(target - puller.wanted, left);
    if (most < FEW_SLOTS || missing <= 0 || missing < target / 2) continue;
    puller.ask(missing);
    left -= missing;
  }
  return left;
}

/** Below this, asking ahead would decide whose turn it is. */
const FEW_SLOTS = 2;

function askOneByOne(sources: readonly Source[], spare: number, { next, now }: AskInput): void {
  const idle = new Set(sources.filter(({ puller }) => puller.wanted === 0));
  let left = spare;
  while (left > 0) {
    const source = next([...idle].filter(({ emptyUntil }) => emptyUntil <= now));
    if (!source) break;
    source.puller.tryOne();
    idle.delete(source);
    left -= 1;
  }
  if (left > 0) for (const source of idle) source.puller.ask(1);
}
