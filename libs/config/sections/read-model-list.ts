import type { Deployment } from '../settings/deployment.ts';
import { placeText, type Reading } from '../reading.ts';
import type { SourceNode } from '../source/source-node.ts';
import { wrongKind } from '../values.ts';
import { expandCatchAll } from './expand-catch-all.ts';
import { readDeployment, type DeploymentOptions } from './read-deployment.ts';

export interface ModelListOptions extends DeploymentOptions {
  readonly keyedProviders: readonly string[];
}

/** Reads `model_list` (of an included file too: lists are joined). Ids are unique afterwards. */
export function readModelList(lists: readonly SourceNode[], options: ModelListOptions, reading: Reading): readonly Deployment[] {
  const deployments: Deployment[] = [];
  const firstUse = new Map<string, SourceNode>();
  for (const entry of lists.flatMap((list) => listEntries(list, reading))) {
    const draft = readDeployment(entry, options, reading);
    if (draft === undefined) continue;
    for (const deployment of expandCatchAll(draft, options.keyedProviders, entry, reading)) {
      deployments.push({ ...deployment, id: uniqueId(deployment, entry, firstUse, reading) });
    }
  }
  return deployments;
}

function listEntries(list: SourceNode, reading: Reading): readonly SourceNode[] {
  if (list.kind === 'list') return list.items();
  if (list.kind !== 'null') wrongKind(list, 'a list of models ("- model_name: …")', reading);
  return [];
}

/** A stated id must be unique; two entries that are written alike get a number, so that both take their share of the traffic. */
function uniqueId(deployment: Deployment, entry: SourceNode, firstUse: Map<string, SourceNode>, reading: Reading): string {
  const earlier = firstUse.get(deployment.id);
  if (earlier === undefined) {
    firstUse.set(deployment.id, entry);
    return deployment.id;
  }
  if (deployment.modelInfo['id'] !== undefined) {
    reading.problem(entry, `model_info.id "${deployment.id}" is already used at ${placeText(earlier)}`, {
      suggestion: 'give each entry its own id',
    });
    return deployment.id;
  }
  let copy = 2;
  while (firstUse.has(`${deployment.id}-${copy}`)) copy += 1;
  firstUse.set(`${deployment.id}-${copy}`, entry);
  return `${deployment.id}-${copy}`;
}
