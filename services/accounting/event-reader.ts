import { type AttemptEvent, decodeAttemptEvent } from '#contracts';

/** Reads attempt events. In the process that leads admission each is read twice, for the ledger and for the limits: the second takes what the first has read. */
export interface EventReader {
  /** Throws `InvalidMessage` for what is no attempt event. */
  read(streamSeq: number, data: Uint8Array): AttemptEvent;
  /** Whether somebody reads them beside the ledger. */
  share(shared: boolean): void;
}

/** The ledger gathers for a quarter of a second: at some thousand events a second the other one finds them. A power of two. */
const PLACES = 2_048;

export function createEventReader(): EventReader {
  const seqs = new Float64Array(PLACES);
  const events: (AttemptEvent | undefined)[] = Array.from({ length: PLACES });
  let isShared = false;
  return {
    share(shared) {
      isShared = shared;
      events.fill(undefined);
    },
    read(streamSeq, data) {
      const place = streamSeq % PLACES;
      const known = seqs[place] === streamSeq ? events[place] : undefined;
      if (known !== undefined) {
        events[place] = undefined;
        return known;
      }
      const event = decodeAttemptEvent(data);
      if (isShared) {
        seqs[place] = streamSeq;
        events[place] = event;
      }
      return event;
    },
  };
}
