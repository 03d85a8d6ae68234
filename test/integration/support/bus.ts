import { type Bus, connectBus } from '#bus';

const QUIET = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** Connections to one server, closed together. */
export interface Buses {
  open(): Promise<Bus>;
  close(): Promise<void>;
}

export function createBuses(url: string): Buses {
  const opened: Bus[] = [];
  return {
    async open() {
      const bus = await connectBus({ url, name: `test ${opened.length}`, log: QUIET });
      opened.push(bus);
      return bus;
    },
    close: async () => void (await Promise.all(opened.map((bus) => bus.close()))),
  };
}
