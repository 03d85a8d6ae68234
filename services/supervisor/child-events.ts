import { type ChildEvents, describeEnd } from './child.ts';
import type { ProcessesFile } from './processes-file.ts';
import type { ServiceLogs } from './service-logs.ts';
import type { Terminal } from './terminal.ts';

export interface ChildEventSinks {
  readonly logs: ServiceLogs;
  readonly terminal: Terminal;
  readonly processes: ProcessesFile;
  readonly isStopping: () => boolean;
  readonly now: () => number;
}

/** What nats-server says about every password in a configuration file; ours is random, on loopback, in a file of mode 600. */
const EXPECTED_LINE = /Plaintext passwords detected/;

/** Where what happens to the processes goes: log files, the terminal, `processes.json` and the supervisor's own log. */
export function createChildEvents(sinks: ChildEventSinks): ChildEvents {
  const { logs, terminal, processes } = sinks;
  const record = (level: string, name: string, fields: Readonly<Record<string, unknown>>, msg: string) =>
    logs.write('supervisor', JSON.stringify({ level, time: sinks.now(), service: 'supervisor', child: name, ...fields, msg }));
  return {
    line: (name, line) => {
      logs.write(name, line);
      // While everything stops, each service complains about the one that went before it.
      if (!sinks.isStopping() && !EXPECTED_LINE.test(line)) terminal.show(name, line);
    },
    spawned: (name, pid) => {
      processes.spawned(name, pid);
      record('info', name, { pid }, 'started');
    },
    ready: (name, port) => {
      processes.ready(name, port);
      record('info', name, { port }, 'ready');
    },
    exited: (name, exit) => {
      record(sinks.isStopping() ? 'info' : 'warn', name, { ...exit }, 'ended');
      if (exit.restartInMs === undefined) return;
      terminal.warn(`${describeEnd(name, exit)} – it is started again in ${exit.restartInMs / 1_000} s`);
    },
  };
}
