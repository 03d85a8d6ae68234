import { randomUUID } from 'node:crypto';
import { GatewayError } from '#contracts';
import { createStoredModel, transact } from '#db';
import { recordChange } from '../audit/record-change.ts';
import { type Caller, callerName } from '../auth/caller.ts';
import { parseInput } from '../errors/parse-input.ts';
import type { AdminResources } from '../resources.ts';
import { checkModel } from './check-model.ts';
import { newModelSchema } from './model-fields.ts';
import { checkTeamModel, requireModelRights } from './model-rights.ts';
import { modelView } from './model-view.ts';
import { sealParams } from './seal-model.ts';
import { requireCredential } from './require-credential.ts';
import { publishOrThrow } from './stored-config.ts';

/**
 * `POST /model/new`: it serves requests as soon as this answers. Throws `invalid_request` for what an entry of `model_list` would be refused for,
 * `conflict` for an id that is taken.
 */
export async function createModel(body: unknown, caller: Caller, resources: AdminResources) {
  const input = parseInput(body, { schema: newModelSchema, place: 'body' });
  const { id: givenId, team_id: teamId, ...info } = input.model_info ?? {};
  await requireModelRights(caller, teamId ?? undefined, resources);
  const id = givenId ?? randomUUID();
  const draft = { id, modelName: input.model_name, litellmParams: input.litellm_params, modelInfo: info, teamId: teamId ?? undefined };
  checkTeamModel(caller, draft);
  const { stored } = resources;
  const warnings = checkModel(draft, stored);
  if (stored.config.deployments.some((deployment) => deployment.id === id && deployment.isStored !== true)) throw idTaken(id);
  const row = { ...draft, litellmParams: sealParams(id, draft.litellmParams, stored), createdBy: callerName(caller) };
  const model = await transact(resources.db, async (tx) => {
    await requireCredential(tx, row);
    const made = await createStoredModel(tx, row);
    if (made === undefined) throw idTaken(id);
    await recordChange(tx, caller, { action: 'created', table: 'models', objectId: id, after: modelView(made) });
    return made;
  });
  await publishOrThrow({ kind: 'model', id }, stored);
  return { ...modelView(model), ...(warnings.length === 0 ? {} : { warnings }) };
}

function idTaken(id: string): GatewayError {
  return new GatewayError('conflict', `model_info.id: there is a model ${id}. Give another id, or change that one with /model/update.`, {
    param: 'model_info.id',
  });
}
