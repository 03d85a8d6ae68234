import { createJobPuller, type PulledJob } from '#bus';
import { SUBMIT_STREAM } from '#contracts';
import type { IngressResources } from '../resources.ts';

/** One consumer of submissions, pulled from as long as there are slots and its owner says so. */
export interface IntakeQueue {
  /** Asks for as many as there is room for. */
  ask(): void;
  /** Submissions that are worked on here. */
  readonly running: number;
  /** Resolves when all that was taken is worked off. */
  close(): Promise<void>;
}

export interface IntakeQueueOptions {
  readonly resources: Pick<IngressResources, 'link' | 'log'>;
  readonly consumer: string;
  readonly slots: number;
  readonly mayAsk: () => boolean;
  /** Settles the submission or gives it back. Never rejects. */
  readonly work: (pulled: PulledJob) => Promise<void>;
  /** The consumer is gone, or the server says no. */
  readonly onRefused: (reason: string) => void;
}

/** A share of the slots that is worth another pull. */
const WORTH_ASKING = 4;
const GIVE_BACK_MS = 100;

export function createIntakeQueue({ resources, consumer, slots, mayAsk, work, onRefused }: IntakeQueueOptions): IntakeQueue {
  const working = new Set<Promise<void>>();
  let closing = false;
  const ask = (): void => {
    const room = slots - working.size - puller.wanted;
    if (!closing && room >= slots / WORTH_ASKING && mayAsk()) puller.ask(room);
  };
  const onJob = (pulled: PulledJob): void => {
    if (closing) return pulled.handBack(GIVE_BACK_MS);
    const job = work(pulled).finally(() => {
      working.delete(job);
      ask();
    });
    working.add(job);
  };
  const puller = createJobPuller({ bus: resources.link, stream: SUBMIT_STREAM, consumer, onJob, onRoom: ask, onRefused });
  return {
    ask,
    get running() {
      return working.size;
    },
    async close() {
      closing = true;
      await puller.stop();
      await Promise.all(working);
      puller.close();
    },
  };
}
