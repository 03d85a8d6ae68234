import { type ModelIndex, parseTeamGroup } from '#config';
import { type ErrorCode, GatewayError, type ScopeRecord } from '#contracts';
import type { Principal } from './authenticate.ts';
import { type Caller, NO_SCOPES } from './caller.ts';

const EVERYTHING = new Set(['*', 'all-proxy-models', 'all-team-models']);

/** Access groups of a model: `model_info.access_groups` of its deployments. Asked for only when no name in a list fits. */
export type AccessGroupsOf = (model: string) => readonly string[];

type Models = {
  resolve(name: string): { readonly deployments: readonly { readonly modelInfo: Readonly<Record<string, unknown>> }[] } | undefined;
};

export function accessGroups(models: Models): AccessGroupsOf {
  return (model) =>
    (models.resolve(model)?.deployments ?? []).flatMap(({ modelInfo }) => {
      const groups: unknown = modelInfo['access_groups'];
      return Array.isArray(groups) ? groups.filter((group) => typeof group === 'string') : [];
    });
}

/** A list of models that a caller's requests must be in, and whose it is. */
interface AccessList {
  readonly models: readonly string[] | undefined;
  readonly code: ErrorCode;
  readonly owner: string;
  /** Names of its own for models: who may use the model behind one may use the name. */
  readonly aliases?: Readonly<Record<string, string>> | undefined;
}

/**
 * Whether all of the caller's lists have the model: an empty list means all, `provider/*` matches by pattern, a name may be that of an
 * access group. As in LiteLLM a user's own list counts for keys without a team.
 */
export function mayUseModel(caller: AccessCaller, model: string, groupsOf: AccessGroupsOf): boolean {
  return refusingList(caller, model, groupsOf) === undefined;
}

export type AccessCaller = Pick<Caller, 'principal' | 'scopes'>;

/** Throws the 403 of the list that does not have it: `model_access_denied`, `team_model_access_denied` and so on. */
export function requireModelAccess(caller: AccessCaller, model: string, groupsOf: AccessGroupsOf): void {
  const list = refusingList(caller, model, groupsOf);
  if (list !== undefined) throw refusedModel(model, list);
}

function refusedModel(model: string, { code, owner }: AccessList): GatewayError {
  return new GatewayError(code, `The model ${model} is not available for ${owner}.`, { param: 'model' });
}

/** What is known of a key before its team and user have been looked up. */
export function keyAlone(principal: Principal): AccessCaller {
  return { principal, scopes: NO_SCOPES };
}

/** The model group behind the name a client uses: a key may have names of its own, and so may its team. */
export function aliasedModel(caller: AccessCaller, model: string, models: TeamModels): string {
  const { principal, scopes } = caller;
  const record = principal.kind === 'key' ? principal.record : undefined;
  const name = aliasIn(record?.aliases, model) ?? aliasIn(scopes.team?.aliases, model) ?? model;
  // an alias is made by whoever makes the key
  if (isForeign(name, caller)) throw refusedModel(model, FOREIGN);
  return (record?.teamId === undefined ? undefined : models.teamGroup(record.teamId, name)) ?? name;
}

/** A team's own models go before those of their name that everybody has. */
type TeamModels = Pick<ModelIndex, 'teamGroup'>;

/** Whether the name is that of another team's own model. */
function isForeign(model: string, { principal }: AccessCaller): boolean {
  const owner = parseTeamGroup(model)?.teamId;
  return owner !== undefined && principal.kind === 'key' && principal.record.teamId !== owner;
}

const FOREIGN: AccessList = { models: ['none'], code: 'model_access_denied', owner: 'this API key' };

/** The name that a request runs under: an end user may have a model for all that it may not use. */
export function requestedModel(caller: AccessCaller, model: string, groupsOf: AccessGroupsOf): string {
  const { customer } = caller.scopes;
  if (customer?.defaultModel === undefined || isIn(listOf(customer), model, groupsOf)) return model;
  return customer.defaultModel;
}

function aliasIn(aliases: Readonly<Record<string, string>> | undefined, model: string): string | undefined {
  return aliases !== undefined && Object.hasOwn(aliases, model) ? aliases[model] : undefined;
}

function refusingList({ principal, scopes }: AccessCaller, asked: string, groupsOf: AccessGroupsOf): AccessList | undefined {
  if (isForeign(asked, { principal, scopes })) return FOREIGN;
  const model = parseTeamGroup(asked)?.name ?? asked;
  if (principal.kind === 'key') {
    const { models, aliases } = principal.record;
    const list: AccessList = { models, aliases, code: 'model_access_denied', owner: 'this API key' };
    if (!isIn(list, model, groupsOf)) return list;
  }
  if (scopes === NO_SCOPES) return undefined;
  const { organization, team, member, user, customer } = scopes;
  const lists = [organization, team, member, team === undefined ? user : undefined, customer];
  return lists.flatMap((record) => (record === undefined ? [] : [listOf(record)])).find((list) => !isIn(list, model, groupsOf));
}

const CODES: Readonly<Partial<Record<ScopeRecord['kind'], ErrorCode>>> = {
  organization: 'organization_model_access_denied',
  team: 'team_model_access_denied',
  member: 'team_model_access_denied',
  user: 'user_model_access_denied',
  customer: 'customer_model_access_denied',
};

function listOf({ kind, id, alias, models, aliases }: ScopeRecord): AccessList {
  return {
    models,
    aliases,
    code: CODES[kind] ?? 'model_access_denied',
    owner: `${kind === 'customer' ? 'end user' : kind} ${alias ?? id}`,
  };
}

function isIn({ models, aliases }: AccessList, model: string, groupsOf: AccessGroupsOf): boolean {
  if (models === undefined || models.length === 0) return true;
  const target = aliasIn(aliases, model);
  if (models.some((entry) => EVERYTHING.has(entry) || matches(entry, model) || (target !== undefined && matches(entry, target))))
    return true;
  return groupsOf(target ?? model).some((group) => models.includes(group));
}

function matches(entry: string, model: string): boolean {
  if (entry === model) return true;
  if (!entry.includes('*')) return false;
  const parts = entry.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(model);
}
