import { type ChildEvents, type ChildSpec, SupervisedChild } from './child.ts';

export interface Children {
  /** Starts a process; resolves when it is ready, rejects when it won't be or when everything is being stopped. */
  start(spec: ChildSpec): Promise<void>;
  /** Stops all, stage after stage, the processes of one stage at the same time. */
  stop(): Promise<void>;
  /** Kills all at once. */
  kill(): void;
}

/**
 * Who stops when: nobody new gets in first, then what is under way ends, then its results are written, then what everybody stands
 * on goes. Names that are not listed stop with the first stage.
 */
const STOP_STAGES: readonly (readonly string[])[] = [
  ['ingress', 'admin', 'batches'],
  ['worker'],
  ['accounting', 'sandbox'],
  ['nats-server', 'postgres'],
];

/** All supervised processes of one start. */
export function createChildren(events: ChildEvents): Children {
  const children: SupervisedChild[] = [];
  let closed = false;
  const stageOf = (child: SupervisedChild) =>
    Math.max(
      0,
      STOP_STAGES.findIndex((stage) => stage.includes(child.spec.name)),
    );
  return {
    start: (spec) => {
      // A preparation that was still under way when the stop began must not leave a process behind.
      if (closed) return Promise.reject(new Error(`${spec.name} is not started: everything is being stopped`));
      const child = new SupervisedChild(spec, events);
      children.push(child);
      return child.start();
    },
    stop: async () => {
      closed = true;
      for (const [index] of STOP_STAGES.entries()) {
        await Promise.all(children.filter((child) => stageOf(child) === index).map((child) => child.stop()));
      }
    },
    kill: () => {
      closed = true;
      for (const child of children) child.kill();
    },
  };
}
