import { GatewayError } from '#contracts';
import { changeStoredModel, deleteStoredModel, findStoredModel, type StoredModel, type StoredModelChange, transact } from '#db';
import type { z } from 'zod';
import { type AuditAction, recordChange } from '../audit/record-change.ts';
import { type Caller, callerName, isAdmin } from '../auth/caller.ts';
import { parseInput } from '../errors/parse-input.ts';
import type { AdminResources } from '../resources.ts';
import { checkModel } from './check-model.ts';
import { changedModelSchema, modelIdSchema, modelOrIdSchema } from './model-fields.ts';
import { checkTeamModel, requireModelRights } from './model-rights.ts';
import { modelView } from './model-view.ts';
import { requireCredential } from './require-credential.ts';
import { openParams, sealParams, shownParams } from './seal-model.ts';
import { publishOrThrow, type StoredConfig } from './stored-config.ts';

type ChangedModel = z.infer<typeof changedModelSchema>;
type Fields = Readonly<Record<string, unknown>>;

/** `POST /model/update`, and `PATCH /model/{id}/update` with the id in the path: what is not named stays, null takes a parameter out. */
export async function updateModel(body: unknown, caller: Caller, resources: AdminResources, pathId?: string) {
  const input = parseInput(body, { schema: changedModelSchema, place: 'body' });
  const id = pathId ?? input.model_info?.id ?? input.id;
  if (id == null) throw new GatewayError('invalid_request', 'model_info.id: say which model to change.', { param: 'model_info.id' });
  await requireStored(id, caller, resources);
  if (input.model_info?.team_id !== undefined) await requireModelRights(caller, input.model_info.team_id ?? undefined, resources);
  let warnings: readonly string[] = [];
  const change = (before: StoredModel): StoredModelChange => {
    const changed = changedModel(before, input, caller, resources);
    ({ warnings } = changed);
    return changed.change;
  };
  const after = await changeAudited(id, { action: 'updated', change }, caller, resources);
  return { ...modelView(after), ...(warnings.length === 0 ? {} : { warnings }) };
}

interface AuditedChange {
  readonly action: AuditAction;
  readonly change: (model: StoredModel) => StoredModelChange;
}

/** All services have the change before this resolves. */
async function changeAudited(
  id: string,
  { action, change }: AuditedChange,
  caller: Caller,
  resources: AdminResources,
): Promise<StoredModel> {
  const after = await transact(resources.db, async (tx) => {
    const result = await changeStoredModel(tx, id, { by: callerName(caller), change });
    if (result === undefined) throw modelNotFound(id, resources);
    await requireCredential(tx, result.after);
    const [before, changed] = [modelView(result.before), modelView(result.after)];
    await recordChange(tx, caller, { action, table: 'models', objectId: id, before, after: changed });
    return result.after;
  });
  await publishOrThrow({ kind: 'model', id }, resources.stored);
  return after;
}

function changedModel(before: StoredModel, input: ChangedModel, caller: Caller, { stored }: AdminResources) {
  const { id } = before;
  const { id: _id, team_id: teamId = before.teamId, ...info } = input.model_info ?? {};
  const draft = {
    id,
    modelName: input.model_name ?? before.modelName,
    litellmParams: mergeFields(keptParams(before, input, caller, stored), input.litellm_params),
    modelInfo: mergeFields(before.modelInfo, info),
    teamId: teamId ?? undefined,
  };
  checkTeamModel(caller, draft, input.litellm_params != null);
  const warnings = checkModel(draft, stored);
  const change = { ...draft, teamId: draft.teamId ?? null, litellmParams: sealParams(id, draft.litellmParams, stored) };
  return { change, warnings };
}

/**
 * What stays of the parameters, in clear. Secrets that are given again need not be opened: that is how they survive a new salt key. A team's
 * admin gives them all again, or could send those of others to an address of its choice.
 */
function keptParams(before: StoredModel, { litellm_params: given }: ChangedModel, caller: Caller, stored: StoredConfig): Fields {
  if (given != null && !isAdmin(caller)) return shownParams(before.litellmParams);
  return openParams(before.id, withoutFields(before.litellmParams, given), stored);
}

function withoutFields(fields: Fields, others: Fields | null | undefined): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => others == null || !Object.hasOwn(others, name)));
}

function mergeFields(before: Fields, after: Fields | null | undefined): Fields {
  return Object.fromEntries(Object.entries({ ...before, ...after }).filter(([, value]) => value !== null));
}

/** `POST /model/delete`: requests that are under way end with it, new ones do not find it any more once this answers. */
export async function deleteModel(body: unknown, caller: Caller, resources: AdminResources) {
  const { id } = parseInput(body, { schema: modelIdSchema, place: 'body' });
  await requireStored(id, caller, resources);
  await transact(resources.db, async (tx) => {
    const deleted = await deleteStoredModel(tx, id, { by: callerName(caller) });
    if (deleted === undefined) throw modelNotFound(id, resources);
    await recordChange(tx, caller, { action: 'deleted', table: 'models', objectId: id, before: modelView(deleted) });
  });
  await publishOrThrow({ kind: 'model', id }, resources.stored);
  return { message: `Model: ${id} deleted successfully` };
}

/** `POST /model/block` and `/model/unblock`: a blocked model is kept, shown, and not used. */
export async function setModelBlocked(blocked: boolean, body: unknown, caller: Caller, resources: AdminResources) {
  const input = parseInput(body, { schema: modelOrIdSchema, place: 'body' });
  const id = input.id ?? input.model_id;
  if (id == null) throw new GatewayError('invalid_request', 'id: say which model to block.', { param: 'id' });
  await requireStored(id, caller, resources);
  const action = blocked ? 'blocked' : 'unblocked';
  return modelView(await changeAudited(id, { action, change: () => ({ blocked }) }, caller, resources));
}

async function requireStored(id: string, caller: Caller, resources: AdminResources): Promise<void> {
  const model = await findStoredModel(resources.db, id);
  // the model of a team that is gone is the administrator's
  if (model === undefined || !isAdmin(caller)) await requireModelRights(caller, model?.teamId ?? undefined, resources);
  if (model === undefined) throw modelNotFound(id, resources);
}

function modelNotFound(id: string, { stored }: AdminResources): GatewayError {
  const isOfFile = stored.config.deployments.some((deployment) => deployment.id === id && deployment.isStored !== true);
  return isOfFile
    ? new GatewayError('conflict', `The model ${id} stands in config.yaml: change it there.`, { param: 'id' })
    : new GatewayError('model_not_found', `There is no stored model with the id ${id}.`, { param: 'id' });
}
