import type { Bus, DeadLetterBox, KeysBucket } from '#bus';
import type { Database } from '#db';
import type { Pricer } from '#pricing';
import type { Health } from '#runtime';
import type { KeyPublisher } from './keys/publish-keys.ts';
import type { StoredConfig } from './models/stored-config.ts';
import type { QueueStates } from './queues/queue-states.ts';
import type { ScopePublisher } from './scopes/publish-scopes.ts';

export interface AdminLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** What admin is made of; built once in `main.ts`. */
export interface AdminResources {
  readonly db: Database;
  readonly keys: KeyPublisher;
  /** Teams, users and so on. */
  readonly scopes: ScopePublisher;
  /** Models and settings that are made over HTTP. */
  readonly stored: StoredConfig;
  /** Of jobs. */
  readonly queues: QueueStates;
  readonly bus: Bus;
  readonly dead: DeadLetterBox;
  /** The administrator's key; without one only virtual keys are let in. */
  readonly masterKey: string | undefined;
  readonly health: Health;
  readonly log: AdminLog;
  /** Of this process: what external guardrails need. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly now: () => Date;
  readonly pricer: Pick<Pricer, 'price'>;
  /** Random bytes for new keys. */
  readonly randomBytes: (count: number) => Uint8Array;
}

/** Where the bucket is written; reads are the ingress's. */
export type KeysSink = Pick<KeysBucket, 'put' | 'delete' | 'count'>;
