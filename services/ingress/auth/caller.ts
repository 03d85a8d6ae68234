import type { IncomingHttpHeaders } from 'node:http';
import type { AccessSettings } from '#config';
import { type Attribution, memberId, type Scope, type ScopeRecord } from '#contracts';
import { attributionOf } from '../chat/attribution.ts';
import type { ScopeCache } from '../limits/scope-cache.ts';
import type { Principal } from './authenticate.ts';
import { refuseClientTags } from './refuse-client-tags.ts';
import { refuseBlocked } from './refuse-blocked.ts';

/** Who sends a request, with all that it counts for: what its key, team, user and so on allow and limit. */
export interface Caller {
  readonly principal: Principal;
  readonly by: Attribution;
  readonly scopes: CallerScopes;
}

/** What is known of them; all undefined for a key that stands alone. */
export interface CallerScopes {
  readonly organization?: ScopeRecord | undefined;
  readonly team?: ScopeRecord | undefined;
  readonly member?: ScopeRecord | undefined;
  readonly user?: ScopeRecord | undefined;
  readonly customer?: ScopeRecord | undefined;
  readonly tags?: readonly ScopeRecord[] | undefined;
}

export const NO_SCOPES: CallerScopes = {};

export interface CallerRequest {
  readonly headers: IncomingHttpHeaders;
  /** The parsed body; empty where the route has none. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** What the configuration says of headers and tags. */
  readonly access?: AccessSettings | undefined;
  /** The headers are not a client's: a job that is asked again has its tags there. */
  readonly ownHeaders?: boolean | undefined;
}

/**
 * Synchronous where everything of the caller was seen lately. Throws or rejects with 401 or 403 when the team, user, organization or end
 * user is blocked, with 400 for tags that clients may not write.
 */
export function resolveCaller(principal: Principal, request: CallerRequest, scopes: Pick<ScopeCache, 'find'>): Caller | Promise<Caller> {
  const { headers, fields, access } = request;
  if (access?.refusesClientTags === true) refuseClientTags(request.ownHeaders === true ? {} : headers, fields);
  const by = attributionOf(principal, headers, fields, access);
  const { teamId, userId, organizationId, endUser, tags } = by;
  if (teamId === undefined && userId === undefined && organizationId === undefined && endUser === undefined && tags === undefined) {
    return { principal, by, scopes: NO_SCOPES };
  }
  return whenKnown(lookUp(by, scopes), (found) => {
    const complete = { ...by, organizationId: organizationOf(by, found), tags: joinTags(by.tags, found) };
    if (complete.organizationId === by.organizationId && complete.tags === by.tags) return callerOf(principal, by, found);
    return whenKnown(lookUp(complete, scopes), (all) => callerOf(principal, complete, all));
  });
}

function callerOf(principal: Principal, by: Attribution, scopes: CallerScopes): Caller {
  refuseBlocked(scopes);
  return { principal, by, scopes };
}

type Later<T> = T | Promise<T>;

function lookUp(by: Attribution, cache: Pick<ScopeCache, 'find'>): Later<CallerScopes> {
  const { teamId, userId } = by;
  const find = (kind: Scope['kind'], id: string | undefined): Later<ScopeRecord | undefined> =>
    id === undefined ? undefined : cache.find({ kind, id });
  const found = [
    find('organization', by.organizationId),
    find('team', teamId),
    find('member', teamId === undefined || userId === undefined ? undefined : memberId(teamId, userId)),
    find('user', userId),
    find('customer', by.endUser),
    ...(by.tags ?? []).map((tag) => find('tag', tag)),
  ];
  const name = ([organization, team, member, user, customer, ...tags]: readonly (ScopeRecord | undefined)[]): CallerScopes => ({
    organization,
    team,
    member,
    user,
    customer,
    tags: tags.length === 0 ? undefined : tags.filter((tag) => tag !== undefined),
  });
  if (isKnown(found)) return name(found);
  return Promise.all(found.map((one) => Promise.resolve(one))).then(name);
}

function isKnown(found: readonly Later<ScopeRecord | undefined>[]): found is readonly (ScopeRecord | undefined)[] {
  return !found.some((one) => one instanceof Promise);
}

function whenKnown<A, B>(value: Later<A>, use: (value: A) => Later<B>): Later<B> {
  return value instanceof Promise ? value.then((known) => use(known)) : use(value);
}

function organizationOf({ organizationId }: Attribution, { team, user }: CallerScopes): string | undefined {
  return organizationId ?? team?.organizationId ?? user?.organizationId;
}

/** A team's tags are on all of its requests. The same list where there are no others. */
function joinTags(own: readonly string[] | undefined, { team }: CallerScopes): readonly string[] | undefined {
  const more = (team?.tags ?? []).filter((tag) => own?.includes(tag) !== true);
  return more.length === 0 ? own : [...(own ?? []), ...more];
}
