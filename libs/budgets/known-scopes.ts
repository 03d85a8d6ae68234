import { type AskedCandidate, type Attribution, callerScopes, candidateScopes, type NamedScope } from '#contracts';

/**
 * The scopes of callers and candidates with their names, worked out once for each: the same keys and deployments come thousands of times a
 * second, and each name was put together several times for each call.
 */
export interface KnownScopes {
  ofCaller(by: Attribution): readonly NamedScope[];
  ofCandidate(candidate: AskedCandidate): readonly NamedScope[];
}

/** Keys, and deployments, that are kept; then it begins anew. */
const MOST_KNOWN = 10_000;

interface KnownCaller {
  readonly by: Attribution;
  readonly scopes: readonly NamedScope[];
}

export function createKnownScopes(): KnownScopes {
  // a key's last caller: most keys have one
  const callers = new Map<string, KnownCaller>();
  const candidates = new Map<string, readonly NamedScope[]>();
  return {
    ofCaller(by) {
      const known = callers.get(by.keyHash);
      if (known !== undefined && isSame(known.by, by)) return known.scopes;
      const scopes = callerScopes(by);
      keep(callers, by.keyHash, { by, scopes });
      return scopes;
    },
    ofCandidate(candidate) {
      // a deployment has one provider; one that moved to another is looked at again
      const known = candidates.get(candidate.deploymentId);
      if (known !== undefined && known[0]?.id === candidate.provider) return known;
      const scopes = candidateScopes(candidate);
      keep(candidates, candidate.deploymentId, scopes);
      return scopes;
    },
  };
}

function keep<T>(map: Map<string, T>, name: string, value: T): void {
  if (map.size >= MOST_KNOWN) map.clear();
  map.set(name, value);
}

/** In all that `callerScopes` reads. */
function isSame(one: Attribution, other: Attribution): boolean {
  return (
    one.keyHash === other.keyHash &&
    one.organizationId === other.organizationId &&
    one.teamId === other.teamId &&
    one.userId === other.userId &&
    one.endUser === other.endUser &&
    hasSameTags(one.tags, other.tags)
  );
}

function hasSameTags(one: readonly string[] = [], other: readonly string[] = []): boolean {
  return one.length === other.length && one.every((tag, index) => tag === other[index]);
}
