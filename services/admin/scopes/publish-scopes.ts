import type { ScopesBucket } from '#bus';
import { GatewayError, type Scope, scopeName } from '#contracts';
import { type Database, publishScope, unpublishAllScopes, unpublishedScopes } from '#db';
import type { KeyPublisher } from '../keys/publish-keys.ts';
import { createOutboxPublisher, type OutboxPublisher } from '../publishing/outbox-publisher.ts';
import type { AdminLog } from '../resources.ts';
import { toScopeRecord } from './scope-record.ts';

/** Brings teams, users and so on to the bucket that admission reads. */
export type ScopePublisher = OutboxPublisher<Scope>;

export interface ScopePublisherOptions {
  readonly db: Database;
  readonly sink: Pick<ScopesBucket, 'put' | 'delete' | 'count'>;
  readonly log: AdminLog;
}

export function createScopePublisher({ db, sink, log }: ScopePublisherOptions): ScopePublisher {
  return createOutboxPublisher<Scope>({
    what: 'teams, users and budgets',
    publish: (scope) => publishScope(db, scope, (stored) => (stored === undefined ? sink.delete(scope) : sink.put(toScopeRecord(stored)))),
    unpublished: (options) => unpublishedScopes(db, options),
    unpublishAll: () => unpublishAllScopes(db),
    countSent: () => sink.count(),
    logName: scopeName,
    log,
  });
}

/** What a change has touched. */
export interface Touched {
  readonly scopes?: readonly Scope[] | undefined;
  /** Hashes. */
  readonly keys?: readonly string[] | undefined;
}

const PARALLEL = 16;

/**
 * Brings all of it to the gateways. A change is only reported as done when every one of them is told: what was shut must not be reported as
 * shut while some may still let it in. Throws `queue_unavailable`.
 */
export async function publishTouched(
  { scopes = [], keys = [] }: Touched,
  publishers: { readonly scopes: Pick<ScopePublisher, 'publish'>; readonly keys: Pick<KeyPublisher, 'publish'> },
): Promise<void> {
  const work = [
    ...scopes.map((scope) => () => publishers.scopes.publish(scope)),
    ...keys.map((hash) => () => publishers.keys.publish(hash)),
  ];
  let published = true;
  const queue = work.values();
  const runner = async (): Promise<void> => {
    for (const publish of queue) published = (await publish()) && published;
  };
  await Promise.all(Array.from({ length: Math.min(PARALLEL, work.length) }, runner));
  if (published) return;
  throw new GatewayError(
    'queue_unavailable',
    'The change is stored, but has not reached the gateways yet. It is brought there as soon as they can be reached; repeat the call to be sure.',
  );
}
