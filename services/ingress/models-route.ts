import type { FastifyInstance, FastifyRequest } from 'fastify';
import { parseTeamGroup } from '#config';
import { GatewayError } from '#contracts';
import { aliasedModel } from './auth/model-access.ts';
import { autoGroup } from './auto-routing/route-call.ts';
import { listCaller } from './auth/list-caller.ts';
import { modelFacts, type ModelFacts } from './models/model-facts.ts';
import type { IngressResources } from './resources.ts';

interface ModelEntry extends ModelFacts {
  readonly id: string;
  readonly object: 'model';
  readonly created: number;
  readonly owned_by: string;
}

/** `GET /v1/models` and `GET /v1/models/{id}`: what the caller's key may use, in OpenAI's list shape with what is known of each. */
export function registerModelRoutes(app: FastifyInstance, resources: IngressResources): void {
  const created = Math.floor(resources.now() / 1000);
  const entry = (id: string): ModelEntry => ({
    id,
    object: 'model',
    created,
    owned_by: resources.models.resolve(id)?.deployments[0]?.provider ?? 'headrace',
    ...modelFacts(resources.models.resolve(id)?.deployments[0], { pricer: resources.pricer, at: new Date(resources.now()) }),
  });

  const list = async (request: FastifyRequest) => {
    const { mayUse } = await listCaller(request, resources);
    const names = resources.models
      .list()
      .map((model) => model.name)
      .filter(mayUse);
    const autos = Object.keys(resources.config.autoRouting?.groups ?? {}).filter((name) => mayUse(name) && !names.includes(name));
    return { object: 'list', data: [...names, ...autos].map((name) => ({ ...entry(name), id: parseTeamGroup(name)?.name ?? name })) };
  };
  const one = async (request: FastifyRequest) => {
    const { caller, mayUse } = await listCaller(request, resources);
    const id = (request.params as { '*': string })['*'];
    const group = aliasedModel(caller, id, resources.models);
    const isKnown = resources.models.resolve(group) !== undefined || autoGroup(resources.config, group) !== undefined;
    if (isKnown && mayUse(id)) return { ...entry(group), id };
    throw new GatewayError('model_not_found', `The model ${id} does not exist here, or this key may not use it.`, { param: 'model' });
  };
  for (const prefix of ['/v1/models', '/models']) {
    app.get(prefix, list);
    app.get(`${prefix}/*`, one);
  }
}
