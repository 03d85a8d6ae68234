import type { Deployment } from '#config';
import { GatewayError, type StoredResponse } from '#contracts';
import { expandRequest, historyItem, inputItems, referencedItems, resolveItems } from '#dialects';
import type { ClientCall } from '../chat/read-request.ts';
import type { IngressResources } from '../resources.ts';

type Item = Readonly<Record<string, unknown>>;
type Resources = Pick<IngressResources, 'responses' | 'models'>;

export interface ContinuedCall {
  readonly call: ClientCall;
  /** The whole conversation up to the answer, to be stored with it. */
  readonly input: readonly Item[];
}

interface Known {
  readonly previous: StoredResponse | undefined;
  /** By the id of the item that refers to them. */
  readonly byItem: ReadonlyMap<string, StoredResponse>;
}

/**
 * A request that goes on from a stored response, or refers to items of one. When all of it is kept by a provider that can serve the
 * model, the request goes there as it is; to any other it goes with the whole conversation in its input. `model` is the group after
 * the key's aliases. Throws `previous_response_not_found`, `invalid_request` for an unknown item, `service_unavailable`.
 */
export async function continueResponse(call: ClientCall, model: string, owner: string, resources: Resources): Promise<ContinuedCall> {
  const own = inputItems(call.fields['input']);
  const previousId = typeof call.fields['previous_response_id'] === 'string' ? call.fields['previous_response_id'] : undefined;
  const references = referencedItems(call.fields['input']);
  if (previousId === undefined && references.length === 0) return { call, input: own };
  const known = await lookUp(previousId, references, owner, resources);
  const referenced = new Map([...known.byItem].map(([id, stored]) => [id, itemOf(stored, id)]));
  const history = known.previous === undefined ? [] : conversationOf(known.previous);
  const input = [...history, ...resolveItems(own, referenced)];
  const deployments = keepers(known, model, resources);
  if (deployments !== undefined) return { call: { ...call, deployments }, input };
  const body = expandRequest(call.body, { previousId, history, referenced });
  return { call: { ...call, body: Buffer.from(body.buffer, body.byteOffset, body.byteLength) }, input };
}

async function lookUp(
  previousId: string | undefined,
  references: ReturnType<typeof referencedItems>,
  owner: string,
  { responses }: Resources,
): Promise<Known> {
  const previous = previousId === undefined ? undefined : await responses.find(owner, previousId);
  if (previousId !== undefined && previous === undefined) {
    const message = `Previous response with id '${previousId.slice(0, 128)}' not found.`;
    throw new GatewayError('previous_response_not_found', message, { param: 'previous_response_id' });
  }
  const byItem = new Map<string, StoredResponse>();
  for (const { id, at } of references) {
    const stored = byItem.get(id) ?? (await responses.findByItem(owner, id));
    if (stored === undefined)
      throw new GatewayError('invalid_request', `'${at}' refers to an item that is not stored: send the item itself.`, { param: at });
    byItem.set(id, stored);
  }
  return { previous, byItem };
}

function conversationOf(stored: StoredResponse): Item[] {
  return [
    ...stored.input,
    ...outputOf(stored)
      .map(historyItem)
      .filter((item) => item !== undefined),
  ];
}

function outputOf({ response }: StoredResponse): Item[] {
  return inputItems(response['output']);
}

/** Found by its id, so it is there unless the store was written by something else. */
function itemOf(stored: StoredResponse, id: string): Item {
  const item = [...outputOf(stored), ...stored.input].find((candidate) => candidate['id'] === id);
  return (item && historyItem(item)) ?? { type: 'message', role: 'assistant', content: [] };
}

/** The deployments of the model on the account that keeps all of it; undefined when there is no such account, or no such deployment. */
function keepers({ previous, byItem }: Known, model: string, { models }: Resources): ReadonlySet<string> | undefined {
  const all = previous === undefined ? [...byItem.values()] : [previous, ...byItem.values()];
  const homes = all.map(({ keptBy }) => keptBy && models.deployment(keptBy.modelGroup, keptBy.deploymentId));
  const able = (models.resolve(model)?.deployments ?? []).filter((deployment) =>
    homes.every((home) => home && sameAccount(home, deployment)),
  );
  return able.length === 0 ? undefined : new Set(able.map((deployment) => deployment.id));
}

/** A provider finds a response by its id in the account that made it, whatever the model. */
function sameAccount(one: Deployment, other: Deployment): boolean {
  if (one.id === other.id) return true;
  const accountOf = ({ provider, apiBase, apiKey, extraHeaders, settings }: Deployment): string =>
    JSON.stringify([provider, apiBase, apiKey, extraHeaders, settings]);
  return accountOf(one) === accountOf(other);
}
