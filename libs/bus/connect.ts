import { jetstream, type JetStreamClient } from '@nats-io/jetstream';
import { inboxPrefix, PUBLISHER_API } from '#contracts';
import { connect, createInbox, type NatsConnection, nkeyAuthenticator, nkeys, type NodeConnectionOptions } from '@nats-io/transport-node';
import { type AckWaiter, createAckWaiter } from './ack-waiter.ts';
import { createOutbox, type Outbox } from './outbox.ts';

export interface BusLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

export interface BusOptions {
  /** `nats://user:password@host:port`, several separated by commas; `nats://<seed>@host:port` for a publisher. */
  readonly url: string;
  /** Shown in the server's connection list. */
  readonly name: string;
  readonly log: BusLog;
}

/**
 * One connection to NATS. It never gives up: it reconnects for ever, and what was published on core NATS while it was
 * away is lost (the client drops its buffer on every dial), which every caller must allow for.
 * Bulk transfers deserve a connection of their own: a 4 MB message holds up small ones for 15 ms.
 */
export interface Bus {
  readonly nc: NatsConnection;
  readonly js: JetStreamClient;
  /** Publishes into streams that wait for their ack (`publishDurably`). */
  readonly acks: AckWaiter;
  readonly log: BusLog;
  /** For core messages: see `publishCore`. */
  readonly outbox: Outbox;
  /** What JetStream is asked by: another one in the account of a publisher. */
  readonly apiPrefix: string;
  /** A new subject for replies to this process, below the prefix its user may listen at. */
  newInbox(): string;
  /** False between a disconnect and the reconnect: silence says nothing about anybody then. */
  readonly connected: boolean;
  /** Called after every reconnect; returns its own removal. */
  onReconnect(listener: () => void): () => void;
  /** Resolves when the server has everything that was sent so far. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

const PUBLISH_TIMEOUT_MS = 2_000;

export async function connectBus(options: BusOptions): Promise<Bus> {
  if (options.url === '') throw new Error('NATS_URL is not set. Give the address of a nats-server with JetStream, or use `headrace up`.');
  const connection = connectionOptions(options);
  const nc = await connect(connection);
  const apiPrefix = 'authenticator' in connection ? PUBLISHER_API : '$JS.API';
  const newInbox = (): string => createInbox(connection.inboxPrefix);
  const outbox = createOutbox(nc, options.log);
  const acks = createAckWaiter(nc, outbox, { timeoutMs: PUBLISH_TIMEOUT_MS, inbox: newInbox() });
  const listeners = new Set<() => void>([acks.giveUp]);
  const link = { connected: true };
  void watchStatus(nc, options, listeners, link);
  return {
    nc,
    js: jetstream(nc, { timeout: PUBLISH_TIMEOUT_MS }),
    acks,
    outbox,
    newInbox,
    apiPrefix,
    log: options.log,
    get connected() {
      return link.connected;
    },
    onReconnect(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async flush() {
      outbox.flush();
      await nc.flush();
    },
    async close() {
      outbox.flush();
      acks.close();
      await nc.close();
    },
  };
}

/**
 * `noAsyncTraces` saves an Error per request: twice the throughput. A ping every 10 s finds a dead peer in 20 s instead of
 * the client's default of four minutes.
 */
function connectionOptions(options: BusOptions): NodeConnectionOptions {
  const urls = options.url.split(',').map((url) => new URL(url.includes('://') ? url : `nats://${url}`));
  const [first] = urls;
  const credentials = first?.username ? credentialsOf(first) : {};
  return {
    servers: urls.map((url) => `${url.protocol}//${url.host}`),
    name: options.name,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 200,
    reconnectJitter: 100,
    pingInterval: 10_000,
    maxPingOut: 2,
    waitOnFirstConnect: true,
    noAsyncTraces: true,
    ignoreClusterUpdates: true,
    ...(urls.some((url) => url.protocol === 'tls:') ? { tls: {} } : {}),
    ...credentials,
  };
}

/** A user with a password, or a publisher by the seed of its key pair in the place of a user. */
function credentialsOf({ username, password }: URL) {
  const user = decodeURIComponent(username);
  if (SEED.test(user) && password === '') {
    const publicKey = nkeys.fromSeed(Buffer.from(user)).getPublicKey();
    return { authenticator: nkeyAuthenticator(Buffer.from(user)), inboxPrefix: inboxPrefix(publicKey) };
  }
  return { user, pass: decodeURIComponent(password), inboxPrefix: inboxPrefix(user) };
}

const SEED = /^SU[A-Z2-7]{56}$/;

async function watchStatus(
  nc: NatsConnection,
  options: BusOptions,
  listeners: ReadonlySet<() => void>,
  link: { connected: boolean },
): Promise<void> {
  for await (const status of nc.status()) {
    if (status.type === 'disconnect') {
      link.connected = false;
      options.log.warn({ server: status.server }, 'nats disconnected');
    }
    if (status.type === 'error') options.log.warn({ err: status.error }, 'nats error');
    if (status.type === 'reconnect') {
      link.connected = true;
      options.log.info({ server: status.server }, 'nats reconnected');
      for (const listener of listeners) listener();
    }
  }
}
