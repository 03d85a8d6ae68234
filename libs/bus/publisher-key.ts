import { nkeys } from '@nats-io/transport-node';

export interface PublisherKey {
  /** `SU…`: the secret, which the publisher connects with. */
  readonly seed: string;
  /** `U…`: what the server knows it by. */
  readonly publicKey: string;
}

/** A new key pair for a NATS user (https://docs.nats.io/running-a-nats-service/configuration/securing_nats/auth_intro/nkey_auth). */
export function createPublisherKey(): PublisherKey {
  const pair = nkeys.createUser();
  return { seed: Buffer.from(pair.getSeed()).toString(), publicKey: pair.getPublicKey() };
}
