import { type Publisher, PUBLISHER_REQUESTS, publisherAccess, publisherRequests } from '#contracts';
import { type NatsAccount, natsAccounts, type NatsUser } from './nats-config.ts';

/** Where the services and their streams are. */
export const GATEWAY_ACCOUNT = 'HEADRACE';

/**
 * The accounts of a gateway's server: that of the services, and one for each owner of publishers. In the services' own account permissions would
 * not be enough: they say where a user may send, not where the server may send its answer, so the answer to an innocent request could be led into another's queue or a bucket.
 */
export function gatewayAccounts(services: readonly NatsUser[], publishers: readonly Publisher[]): string {
  const owners = Map.groupBy(publishers, ({ owner }) => owner);
  const tenants = [...owners].map(([owner, users]): NatsAccount => {
    return {
      name: `PUBLISHER_${owner}`,
      users: users.map((publisher) => ({ nkey: publisher.nkey, access: publisherAccess(publisher) })),
      takes: { from: GATEWAY_ACCOUNT, requests: publisherRequests(owner) },
    };
  });
  return natsAccounts([{ name: GATEWAY_ACCOUNT, users: services, hasStreams: true, offers: PUBLISHER_REQUESTS }, ...tenants]);
}
