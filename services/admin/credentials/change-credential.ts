import { credentialPlace, litellmParamKind } from '#config';
import { GatewayError } from '#contracts';
import {
  createCredential,
  type Database,
  deleteCredential,
  findCredential,
  findStoredModel,
  listCredentials,
  listStoredModels,
  lockCredential,
  transact,
  updateCredential,
} from '#db';
import { PROVIDERS } from '#providers';
import { recordChange } from '../audit/record-change.ts';
import { type Caller, callerName } from '../auth/caller.ts';
import { parseInput } from '../errors/parse-input.ts';
import { checkModel } from '../models/check-model.ts';
import { credentialOf } from '../models/require-credential.ts';
import { openParams, openSecrets, sealSecrets } from '../models/seal-model.ts';
import { publishOrThrow, type StoredConfig } from '../models/stored-config.ts';
import type { AdminResources } from '../resources.ts';
import { changedCredentialSchema, newCredentialSchema } from './credential-fields.ts';
import { credentialView } from './credential-view.ts';

type Values = Readonly<Record<string, unknown>>;

const placed = (name: string) => (place: string) => credentialPlace(name, place);

/** `POST /credentials`: models may name it as soon as this answers. Throws `conflict` for a name that is taken. */
export async function newCredential(body: unknown, caller: Caller, resources: AdminResources) {
  const input = parseInput(body, { schema: newCredentialSchema, place: 'body' });
  const name = input.credential_name;
  const { stored } = resources;
  const values = await saidValues(input, resources);
  checkValues(values, stored);
  const row = { name, values: sealSecrets(values, placed(name), stored), info: input.credential_info ?? {}, createdBy: callerName(caller) };
  await transact(resources.db, async (inside) => {
    const made = await createCredential(inside, row);
    if (made === undefined) throw new GatewayError('conflict', `There is a credential ${name} already.`, { param: 'credential_name' });
    await recordChange(inside, caller, { action: 'created', table: 'credentials', objectId: name, after: credentialView(made) });
  });
  await publishOrThrow({ kind: 'credential', name }, stored);
  return { success: true, message: 'Credential created successfully' };
}

interface Said {
  readonly credential_values?: Values | null | undefined;
  readonly model_id?: string | null | undefined;
}

async function saidValues({ credential_values: values, model_id: modelId }: Said, { db, stored }: AdminResources): Promise<Values> {
  if (modelId != null && values != null) throw refused('model_id', 'give either credential_values or a model_id.');
  if (modelId == null) {
    if (values == null || Object.keys(values).length === 0) throw refused('credential_values', 'give at least one value, like api_key.');
    return values;
  }
  const model = await findStoredModel(db, modelId);
  if (model === undefined)
    throw new GatewayError('model_not_found', `There is no stored model with the id ${modelId}.`, { param: 'model_id' });
  return Object.fromEntries(Object.entries(openParams(modelId, model.litellmParams, stored)).filter(([param]) => isCredential(param)));
}

/** What of a model's parameters is its account: key, address and whatever else its provider asks for. */
function isCredential(param: string): boolean {
  return ['api_key', 'api_base', 'base_url', 'organization', 'project'].includes(param) || litellmParamKind(param) === 'setting';
}

const SOME_PROVIDER = PROVIDERS[0]?.id ?? '';

/** By the rules for a model with these parameters, whichever provider's, so that no model breaks by its credential. */
function checkValues(values: Values, stored: StoredConfig): void {
  if ('model' in values || 'litellm_credential_name' in values)
    throw refused('credential_values', 'a credential has no model and names no other credential.');
  const litellmParams = { ...values, model: `${SOME_PROVIDER}/any` };
  try {
    checkModel({ id: 'credential', modelName: 'any', litellmParams, modelInfo: {} }, stored);
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    const rename = (text: string): string => text.replaceAll('litellm_params', 'credential_values');
    throw new GatewayError('invalid_request', rename(error.message), { param: rename(error.param ?? 'credential_values'), cause: error });
  }
}

/** `PATCH /credentials/{name}`: every model that names it has the change when this answers. */
export async function patchCredential(name: string, body: unknown, caller: Caller, resources: AdminResources) {
  const input = parseInput(body, { schema: changedCredentialSchema, place: 'body' });
  const { stored } = resources;
  if (input.credential_name != null && input.credential_name !== name) throw refused('credential_name', 'a credential keeps its name.');
  await transact(resources.db, async (inside) => {
    const before = await lockCredential(inside, name);
    if (before === undefined) throw notFound(name);
    const values = changedValues(name, before.values, input.credential_values ?? {}, stored);
    checkValues(values, stored);
    const change = {
      values: sealSecrets(values, placed(name), stored),
      ...(input.credential_info == null ? {} : { info: input.credential_info }),
    };
    const after = await updateCredential(inside, name, change, { by: callerName(caller) });
    if (after === undefined) throw notFound(name);
    const views = { before: credentialView(before), after: credentialView(after) };
    await recordChange(inside, caller, { action: 'updated', table: 'credentials', objectId: name, ...views });
  });
  await publishOrThrow({ kind: 'credential', name }, stored);
  return { success: true, message: 'Credential updated successfully' };
}

/** Secrets that are given again need not be opened: that is how they survive a new salt key. */
function changedValues(name: string, before: Values, said: Values, stored: StoredConfig): Values {
  const kept = Object.fromEntries(Object.entries(before).filter(([field]) => !Object.hasOwn(said, field)));
  const merged = { ...openSecrets(kept, placed(name), stored), ...said };
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null));
}

/** `DELETE /credentials/{name}`. Unlike with LiteLLM one that models name stays: they would fail without it. */
export async function removeCredential(name: string, caller: Caller, resources: AdminResources) {
  await transact(resources.db, async (inside) => {
    const before = await lockCredential(inside, name);
    if (before === undefined) throw notFound(name);
    const users = await modelsWith(name, inside, resources);
    if (users.length > 0) {
      const ids = users.slice(0, 5);
      throw new GatewayError(
        'conflict',
        `${users.length} models name the credential ${name}, among them ${ids.join(', ')}. Change them first.`,
        {
          param: 'credential_name',
        },
      );
    }
    await deleteCredential(inside, name, { by: callerName(caller) });
    await recordChange(inside, caller, { action: 'deleted', table: 'credentials', objectId: name, before: credentialView(before) });
  });
  await publishOrThrow({ kind: 'credential', name }, resources.stored);
  return { success: true, message: 'Credential deleted successfully' };
}

/** Ids of the models that name it, those of the file included. */
async function modelsWith(name: string, inside: Database, { stored }: AdminResources): Promise<readonly string[]> {
  const models = (await listStoredModels(inside)).filter((model) => credentialOf(model) === name);
  const ofFile = stored.config.deployments.filter(({ credential, isStored }) => credential === name && isStored !== true);
  return [...models, ...ofFile].map(({ id }) => id);
}

export async function credentialList({ db }: { readonly db: Database }) {
  return { success: true, credentials: (await listCredentials(db)).map(credentialView) };
}

export async function credentialByName(name: string, { db }: { readonly db: Database }) {
  const found = await findCredential(db, name);
  if (found === undefined) throw notFound(name);
  return credentialView(found);
}

function notFound(name: string): GatewayError {
  return new GatewayError('route_not_found', `There is no credential ${name}.`, { param: 'credential_name' });
}

function refused(param: string, rule: string): GatewayError {
  return new GatewayError('invalid_request', `${param}: ${rule}`, { param });
}
