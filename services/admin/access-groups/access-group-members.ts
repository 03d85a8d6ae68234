import { GatewayError } from '#contracts';
import type { Deployment } from '#config';
import type { StoredModel } from '#db';

/** A deployment that may be in groups: stored, or one of the file. */
interface Groupable {
  readonly modelName: string;
  readonly groups: readonly string[];
}

export interface AccessGroup {
  readonly access_group: string;
  readonly model_names: readonly string[];
  readonly deployment_count: number;
}

export function groupsOf(modelInfo: Readonly<Record<string, unknown>>): readonly string[] {
  const groups = modelInfo['access_groups'];
  return Array.isArray(groups) ? groups.filter((group) => typeof group === 'string') : [];
}

/** All of them, by name. */
export function accessGroups(stored: readonly StoredModel[], deployments: readonly Deployment[]): readonly AccessGroup[] {
  const all: Groupable[] = [
    ...stored.map(({ modelName, modelInfo }) => ({ modelName, groups: groupsOf(modelInfo) })),
    ...ofFile(deployments).map(({ modelGroup, modelInfo }) => ({ modelName: modelGroup, groups: groupsOf(modelInfo) })),
  ];
  const names = [...new Set(all.flatMap(({ groups }) => groups))].toSorted();
  return names.map((name) => {
    const members = all.filter(({ groups }) => groups.includes(name));
    return {
      access_group: name,
      model_names: [...new Set(members.map(({ modelName }) => modelName))].toSorted(),
      deployment_count: members.length,
    };
  });
}

export function ofFile(deployments: readonly Deployment[]): readonly Deployment[] {
  return deployments.filter(({ isStored }) => isStored !== true);
}

export interface AskedMembers {
  readonly model_names?: readonly string[] | null | undefined;
  readonly model_ids?: readonly string[] | null | undefined;
}

/** The stored deployments that are meant. Throws `invalid_request`, `model_not_found`, and `conflict` for models of the file, with the place of the first at fault. */
export function askedMembers(
  asked: AskedMembers,
  stored: readonly StoredModel[],
  deployments: readonly Deployment[],
): readonly StoredModel[] {
  const { model_names: names, model_ids: ids } = asked;
  const [field, wanted] = ids != null && ids.length > 0 ? (['model_ids', ids] as const) : (['model_names', names ?? []] as const);
  if (wanted.length === 0)
    throw new GatewayError('invalid_request', 'model_names: name the models of the group.', { param: 'model_names' });
  const nameOf = (model: StoredModel): string => (field === 'model_ids' ? model.id : model.modelName);
  for (const [index, one] of wanted.entries()) {
    if (stored.some((model) => nameOf(model) === one)) continue;
    const inFile = ofFile(deployments).some(({ id, modelGroup }) => one === (field === 'model_ids' ? id : modelGroup));
    const param = `${field}[${index}]`;
    if (inFile)
      throw new GatewayError('conflict', `${param}: ${one} stands in config.yaml: set model_info.access_groups there.`, { param });
    throw new GatewayError('model_not_found', `${param}: there is no stored model ${one}.`, { param });
  }
  return stored.filter((model) => wanted.includes(nameOf(model)));
}
