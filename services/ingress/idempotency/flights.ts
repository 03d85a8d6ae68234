import type { AnswerTape } from './answer-tape.ts';
import type { SharedAnswer } from './shared-answer.ts';

/** A shared answer that this ingress has undertaken to get. */
export interface Flight {
  readonly shared: SharedAnswer;
  /** Undefined when it was given up: another ingress has it, or the request can't become a job. */
  readonly tape: Promise<AnswerTape | undefined>;
}

/** The shared answers that are under way here, found by what is asked and, by those who read one, by its job. */
export interface Flights {
  find(shared: Pick<SharedAnswer, 'owner' | 'name'>): Flight | undefined;
  findTape(job: string): AnswerTape | undefined;
  /** From now on requests of this name wait for it. */
  open(shared: SharedAnswer): Flight;
  took(flight: Flight, tape: AnswerTape): void;
  gaveUp(flight: Flight): void;
  /** Its end is known, and in the store if it is to be kept: who comes now finds it there, or asks anew. */
  close(flight: Flight, tape: AnswerTape): void;
}

/** So long a reader at another ingress has for the rest of an answer that is over. */
const LINGER_MS = 10_000;

export function createFlights(): Flights {
  const byName = new Map<string, Flight>();
  const tapes = new Map<string, AnswerTape>();
  const settlers = new Map<Flight, (tape: AnswerTape | undefined) => void>();
  const nameOf = ({ owner, name }: Pick<SharedAnswer, 'owner' | 'name'>): string => `${owner}.${name}`;
  const remove = (flight: Flight): void => {
    if (byName.get(nameOf(flight.shared)) === flight) byName.delete(nameOf(flight.shared));
  };
  const settle = (flight: Flight, tape: AnswerTape | undefined): void => {
    settlers.get(flight)?.(tape);
    settlers.delete(flight);
  };

  return {
    find: (shared) => byName.get(nameOf(shared)),
    findTape: (job) => tapes.get(job),
    open(shared) {
      const { promise, resolve } = Promise.withResolvers<AnswerTape | undefined>();
      const flight: Flight = { shared, tape: promise };
      settlers.set(flight, resolve);
      byName.set(nameOf(shared), flight);
      return flight;
    },
    took(flight, tape) {
      tapes.set(tape.job, tape);
      settle(flight, tape);
    },
    gaveUp(flight) {
      remove(flight);
      settle(flight, undefined);
    },
    close(flight, tape) {
      remove(flight);
      if (tape.readers === 0) tapes.delete(tape.job);
      else setTimeout(() => tapes.delete(tape.job), LINGER_MS).unref();
    },
  };
}
