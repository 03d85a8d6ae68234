import type { Source } from './source.ts';

/** The slots of a pool: how many jobs it runs at a time, some of them for live jobs alone. */
export interface Slots {
  readonly total: number;
  readonly running: number;
  /** Slots that jobs of this queue could take now. */
  roomFor(source: Pick<Source, 'isLive'>): number;
  occupy(source: Pick<Source, 'isLive'>): void;
  vacate(source: Pick<Source, 'isLive'>): void;
}

/** `liveReserve`: the share of the slots that other lanes may not take. `onChange` is told how many are taken. */
export function createSlots(total: number, liveReserve: number, onChange: (running: number) => void): Slots {
  const forOthers = total - Math.floor(total * liveReserve);
  let running = 0;
  let others = 0;
  const change = (source: Pick<Source, 'isLive'>, more: 1 | -1): void => {
    running += more;
    if (!source.isLive) others += more;
    onChange(running);
  };
  return {
    total,
    get running() {
      return running;
    },
    roomFor: ({ isLive }) => (isLive ? total - running : Math.min(total - running, forOthers - others)),
    occupy: (source) => change(source, 1),
    vacate: (source) => change(source, -1),
  };
}
