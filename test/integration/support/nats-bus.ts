import { type Bus, ensureTopology } from '#bus';
import { type NatsOptions, startNats, type TestNats } from '#testing';
import { type Buses, createBuses } from './bus.ts';

/** A server of the file's own with the product's streams, and a connection to it. */
export interface NatsBus extends Buses {
  readonly nats: TestNats;
  readonly bus: Bus;
}

export async function startNatsBus(options: NatsOptions = {}): Promise<NatsBus> {
  const nats = await startNats(options);
  const buses = createBuses(nats.url);
  const bus = await buses.open();
  await ensureTopology(bus);
  return {
    nats,
    bus,
    open: () => buses.open(),
    close: async () => {
      await buses.close();
      await nats.remove();
    },
  };
}
