import { GatewayError } from '#contracts';
import { changeStoredModel, type Database, listStoredModels, type StoredModel, transact } from '#db';
import { recordChange } from '../audit/record-change.ts';
import { type Caller, callerName } from '../auth/caller.ts';
import { parseInput } from '../errors/parse-input.ts';
import { modelView } from '../models/model-view.ts';
import { publishOrThrow } from '../models/stored-config.ts';
import type { AdminResources } from '../resources.ts';
import { changedAccessGroupSchema, newAccessGroupSchema } from './access-group-fields.ts';
import { type AccessGroup, accessGroups, askedMembers, groupsOf, ofFile } from './access-group-members.ts';

/** `POST /access_group/new`. Throws `conflict` for one that has models already. */
export async function newAccessGroup(body: unknown, caller: Caller, resources: AdminResources) {
  const { access_group: group, ...asked } = parseInput(body, { schema: newAccessGroupSchema, place: 'body' });
  const stored = await listStoredModels(resources.db);
  if (findGroup(group, stored, resources) !== undefined) {
    throw new GatewayError('conflict', `There is an access group ${group} already: change it with /access_group/${group}/update.`, {
      param: 'access_group',
    });
  }
  const members = askedMembers(asked, stored, resources.stored.config.deployments);
  const changed = await setMembers(group, members, caller, resources);
  return { access_group: group, model_names: namesOf(members), model_ids: members.map(({ id }) => id), models_updated: changed };
}

/** `PUT /access_group/{group}/update`: from now on these are its stored models, and no others. */
export async function updateAccessGroup(group: string, body: unknown, caller: Caller, resources: AdminResources) {
  const asked = parseInput(body, { schema: changedAccessGroupSchema, place: 'body' });
  const stored = await listStoredModels(resources.db);
  requireGroup(group, stored, resources);
  const members = askedMembers(asked, stored, resources.stored.config.deployments);
  const changed = await setMembers(group, members, caller, resources);
  return { access_group: group, model_names: namesOf(members), model_ids: members.map(({ id }) => id), models_updated: changed };
}

/** `DELETE /access_group/{group}/delete`: keys that have the group lose its models at once. Throws `conflict` where the file gives it models. */
export async function deleteAccessGroup(group: string, caller: Caller, resources: AdminResources) {
  requireGroup(group, await listStoredModels(resources.db), resources);
  const inFile = ofFile(resources.stored.config.deployments).find(({ modelInfo }) => groupsOf(modelInfo).includes(group));
  if (inFile !== undefined) {
    throw new GatewayError('conflict', `${inFile.modelGroup} has the access group ${group} in config.yaml: take it out there.`, {
      param: 'access_group',
    });
  }
  const changed = await setMembers(group, [], caller, resources);
  return {
    access_group: group,
    models_updated: changed,
    message: `Access group ${group} deleted: ${changed} models are not in it any more.`,
  };
}

export async function listAccessGroups({ db, stored }: AdminResources) {
  return { access_groups: accessGroups(await listStoredModels(db), stored.config.deployments) };
}

export async function accessGroupInfo(group: string, resources: AdminResources) {
  return requireGroup(group, await listStoredModels(resources.db), resources);
}

function namesOf(models: readonly StoredModel[]): readonly string[] {
  return [...new Set(models.map(({ modelName }) => modelName))];
}

function findGroup(group: string, stored: readonly StoredModel[], resources: AdminResources): AccessGroup | undefined {
  return accessGroups(stored, resources.stored.config.deployments).find(({ access_group: name }) => name === group);
}

function requireGroup(group: string, stored: readonly StoredModel[], resources: AdminResources): AccessGroup {
  const found = findGroup(group, stored, resources);
  if (found !== undefined) return found;
  throw new GatewayError('route_not_found', `There is no access group ${group}.`, { param: 'access_group' });
}

/** All of it or nothing; every gateway knows before this resolves. Resolves with how many models were changed. */
async function setMembers(group: string, members: readonly StoredModel[], caller: Caller, resources: AdminResources): Promise<number> {
  const ids = new Set(members.map(({ id }) => id));
  const changed = await transact(resources.db, async (inside) => {
    const touched: string[] = [];
    // in the order of their ids, so that two who change several don't wait for each other
    const models = (await listStoredModels(inside)).toSorted((one, other) => (one.id < other.id ? -1 : 1));
    for (const model of models) {
      const isIn = ids.has(model.id);
      if (groupsOf(model.modelInfo).includes(group) !== isIn && (await setMember(inside, { id: model.id, group, isIn }, caller)))
        touched.push(model.id);
    }
    return touched;
  });
  for (const id of changed) await publishOrThrow({ kind: 'model', id }, resources.stored);
  return changed.length;
}

interface Membership {
  readonly id: string;
  readonly group: string;
  readonly isIn: boolean;
}

/** False when the model was deleted meanwhile. */
async function setMember(inside: Database, { id, group, isIn }: Membership, caller: Caller): Promise<boolean> {
  const change = ({ modelInfo }: StoredModel) => {
    const others = groupsOf(modelInfo).filter((one) => one !== group);
    const { access_groups: _groups, ...info } = modelInfo;
    const groups = isIn ? [...others, group] : others;
    return { modelInfo: groups.length === 0 ? info : { ...info, access_groups: groups } };
  };
  const result = await changeStoredModel(inside, id, { by: callerName(caller), change });
  if (result === undefined) return false;
  const views = { before: modelView(result.before), after: modelView(result.after) };
  await recordChange(inside, caller, { action: 'updated', table: 'models', objectId: id, ...views });
  return true;
}
