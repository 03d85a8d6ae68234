import { StorageType } from '@nats-io/jetstream';
import { type KV, Kvm } from '@nats-io/kv';
import type { Bus } from './connect.ts';

/** A bucket that keeps the last state of each entry, on disk: a restart must not forget. Made when this is the first process to ask. */
export function openLatestOnly(bus: Bus, name: string): Promise<KV> {
  const replicas = bus.nc.info?.cluster ? 3 : 1;
  return new Kvm(bus.js).create(name, { history: 1, storage: StorageType.File, replicas });
}
