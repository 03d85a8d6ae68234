import { LRUCache } from 'lru-cache';
import type { GatewayConfig } from '../gateway-config.ts';
import type { Deployment } from '../settings/deployment.ts';
import { parseTeamGroup } from './team-group.ts';
import { bySpecificity, createWildcard, isWildcard, substitute, type Wildcard } from './wildcard.ts';

export interface ModelMatch {
  /**
   * The name the deployments were found by, aliases resolved: the `model_name`, or for a wildcard the concrete name asked for.
   * Resolving it again gives the same deployments, so it is what a candidate carries as its model group.
   */
  readonly group: string;
  /** The `model_name` as configured, with its `*`. */
  readonly pattern: string;
  /** Of a wildcard: with `upstreamModel` filled in. */
  readonly deployments: readonly Deployment[];
}

export interface ListedModel {
  readonly name: string;
  /** True for a pattern (`openai/*`): a client has to put a name in its place. */
  readonly wildcard: boolean;
  /** The group that an alias stands for. */
  readonly aliasOf: string | undefined;
  readonly deployments: readonly Deployment[];
}

/** The models of a configuration by name. Built once, asked for every request: an exact name is one map look-up. */
export interface ModelIndex {
  resolve(name: string): ModelMatch | undefined;
  /** One deployment of a group as `resolve` gives it; what a worker looks its candidate up with. */
  deployment(group: string, id: string): Deployment | undefined;
  /** The group of a team's own model; undefined where it has none of this name. */
  teamGroup(teamId: string, name: string): string | undefined;
  /** Groups in the order of the file, then aliases that are not hidden. */
  list(): readonly ListedModel[];
}

/** Longer names are no model's; patterns with several stars would take quadratic time on them. */
const MAX_NAME_LENGTH = 512;
const WILDCARD_HITS = 2_000;

export function createModelIndex(config: Pick<GatewayConfig, 'deployments' | 'router'>): ModelIndex {
  const groups = Map.groupBy(config.deployments, ({ modelGroup }) => modelGroup);
  const exact = new Map<string, ModelMatch>();
  for (const [name, deployments] of groups) if (!isWildcard(name)) exact.set(name, { group: name, pattern: name, deployments });
  const wildcards = [...groups.keys()].filter(isWildcard).map(createWildcard).sort(bySpecificity);
  const hits = new LRUCache<string, ModelMatch>({ max: WILDCARD_HITS });
  const aliases = config.router.modelGroupAlias;

  function resolveGroup(name: string): ModelMatch | undefined {
    const known = exact.get(name) ?? hits.get(name);
    if (known !== undefined || name.length > MAX_NAME_LENGTH) return known;
    const match = matchWildcard(name, wildcards, groups);
    if (match !== undefined) hits.set(name, match);
    return match;
  }

  // An alias wins over a group of its name, as in LiteLLM; it is followed once.
  const aliased = new Map<string, ModelMatch>();
  for (const [alias, target] of Object.entries(aliases)) {
    const match = resolveGroup(target);
    if (match !== undefined) aliased.set(alias, match);
  }

  const teams = teamGroups(groups.keys());
  const resolve = (name: string): ModelMatch | undefined => aliased.get(name) ?? resolveGroup(name);
  const hidden = new Set(config.router.hiddenAliases);
  const listed = [
    ...[...groups].filter(([name]) => !aliased.has(name)).map(([name, deployments]) => listGroup(name, deployments)),
    ...[...aliased].filter(([alias]) => !hidden.has(alias)).map(([alias, match]) => listAlias(alias, match)),
  ];
  return {
    resolve,
    deployment: (group, id) => resolveGroup(group)?.deployments.find((deployment) => deployment.id === id),
    teamGroup: (teamId, name) => teams.get(teamId)?.get(name),
    list: () => listed,
  };
}

/** One look-up without keeping an index; for tests and commands, not for requests. */
export function matchModel(config: Pick<GatewayConfig, 'deployments' | 'router'>, name: string): ModelMatch | undefined {
  return createModelIndex(config).resolve(name);
}

function matchWildcard(
  name: string,
  wildcards: readonly Wildcard[],
  groups: ReadonlyMap<string, readonly Deployment[]>,
): ModelMatch | undefined {
  for (const wildcard of wildcards) {
    const captures = wildcard.capture(name);
    if (captures === undefined) continue;
    const deployments = (groups.get(wildcard.pattern) ?? []).map((deployment) => {
      return { ...deployment, upstreamModel: substitute(deployment.upstreamModel, captures) };
    });
    return { group: name, pattern: wildcard.pattern, deployments };
  }
  return undefined;
}

/** By team and by the name that its keys use. */
function teamGroups(groups: Iterable<string>): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const teams = new Map<string, Map<string, string>>();
  for (const group of groups) {
    const own = parseTeamGroup(group);
    if (own === undefined) continue;
    const names = teams.get(own.teamId) ?? new Map<string, string>();
    teams.set(own.teamId, names.set(own.name, group));
  }
  return teams;
}

function listGroup(name: string, deployments: readonly Deployment[]): ListedModel {
  return { name, wildcard: isWildcard(name), aliasOf: undefined, deployments };
}

function listAlias(alias: string, match: ModelMatch): ListedModel {
  return { name: alias, wildcard: false, aliasOf: match.group, deployments: match.deployments };
}
