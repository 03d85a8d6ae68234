import { jetstreamManager } from '@nats-io/jetstream';
import type { Bus } from './connect.ts';

export interface StreamPlace {
  /** Since when it has everything that came to it, Unix milliseconds by the server's clock. */
  readonly beganAt: number;
  /** Of the last message that came; 0 before the first. */
  readonly lastSeq: number;
}

/** Where a stream begins and ends. Rejects while NATS is away. */
export async function streamPlace(bus: Bus, stream: string): Promise<StreamPlace> {
  const manager = await jetstreamManager(bus.nc, { checkAPI: false });
  const { created, state } = await manager.streams.info(stream);
  const isWhole = state.first_seq <= 1 && state.last_seq === state.messages;
  const firstAt = state.messages === 0 ? Date.now() : Date.parse(state.first_ts);
  return { beganAt: isWhole ? Date.parse(created) : firstAt, lastSeq: state.last_seq };
}
