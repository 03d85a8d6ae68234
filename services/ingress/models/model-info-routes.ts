import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Deployment, type ListedModel, parseTeamGroup } from '#config';
import { GatewayError } from '#contracts';
import type { Principal } from '../auth/authenticate.ts';
import { type ListCaller, listCaller } from '../auth/list-caller.ts';
import type { IngressResources } from '../resources.ts';
import { pageOfModels } from './page-of-models.ts';
import { modelFacts, type ModelFacts } from './model-facts.ts';

type Query = Readonly<Record<string, string | undefined>>;

/**
 * LiteLLM's views of the configured models: `GET /v1/model/info` by deployment, `GET /model_group/info` by group. Only what the key may
 * use, and never a secret; the addresses of deployments are for the master key.
 */
export function registerModelInfoRoutes(app: FastifyInstance, resources: IngressResources): void {
  const facts = (deployment: Deployment | undefined): ModelFacts =>
    modelFacts(deployment, { pricer: resources.pricer, at: new Date(resources.now()) });
  const usable = ({ mayUse }: ListCaller): readonly ListedModel[] => resources.models.list().filter((model) => mayUse(model.name));

  const rowsFor = (asker: ListCaller, wanted?: string) => {
    const { principal } = asker.caller;
    const view = (name: string, deployment: Deployment) => deploymentView(name, deployment, facts(deployment), principal);
    const isWanted = ({ id }: Deployment): boolean => wanted === undefined || id === wanted;
    const inUse = usable(asker).flatMap(({ name, deployments }) => deployments.filter(isWanted).map((one) => view(name, one)));
    const blocked = principal.kind === 'master' ? (resources.config.blockedDeployments ?? []) : [];
    return [...inUse, ...blocked.filter(isWanted).map((one) => asBlocked(view(one.modelGroup, one)))];
  };
  const byDeployment = async (request: FastifyRequest) => {
    const asker = await listCaller(request, resources);
    const { litellm_model_id: wanted } = request.query as Query;
    const data = rowsFor(asker, wanted);
    if (wanted !== undefined && data.length === 0) throw unknownModel(wanted);
    return { data };
  };
  const byGroup = async (request: FastifyRequest) => {
    const asker = await listCaller(request, resources);
    const { model_group: wanted } = request.query as Query;
    const models = usable(asker).filter((model) => wanted === undefined || model.name === wanted);
    if (wanted !== undefined && models.length === 0) throw unknownModel(wanted);
    return { data: models.map((model) => groupView(model, facts(model.deployments[0]))) };
  };
  for (const path of ['/v1/model/info', '/model/info']) app.get(path, byDeployment);
  app.get('/v2/model/info', async (request) => pageOfModels(rowsFor(await listCaller(request, resources)), request.query as Query));
  for (const path of ['/v1/model_group/info', '/model_group/info']) app.get(path, byGroup);
}

function asBlocked<Row extends { readonly model_info: object }>(row: Row) {
  return { ...row, model_info: { ...row.model_info, blocked: true } };
}

function unknownModel(name: string): GatewayError {
  return new GatewayError('model_not_found', `The model ${name} does not exist here, or this key may not use it.`, { param: 'model' });
}

function deploymentView(name: string, deployment: Deployment, facts: ModelFacts, principal: Principal) {
  const { provider, upstreamModel, rpm, tpm, weight, timeoutMs } = deployment;
  const apiBase = principal.kind === 'master' ? publicBase(deployment) : undefined;
  return {
    model_name: parseTeamGroup(name)?.name ?? name,
    litellm_params: {
      model: `${provider}/${upstreamModel}`,
      custom_llm_provider: provider,
      ...(apiBase === undefined ? {} : { api_base: apiBase }),
      ...defined({ rpm, tpm, weight, timeout: timeoutMs === undefined ? undefined : timeoutMs / 1_000 }),
    },
    model_info: {
      ...deployment.modelInfo,
      ...asNumbers(facts),
      id: deployment.id,
      key: upstreamModel,
      litellm_provider: provider,
      tier: deployment.tier,
      db_model: deployment.isStored === true,
      ...defined({ team_id: deployment.teamId }),
    },
  };
}

function groupView(model: ListedModel, facts: ModelFacts) {
  const sum = (field: 'rpm' | 'tpm') =>
    model.deployments.every((one) => one[field] !== undefined)
      ? model.deployments.reduce((total, one) => total + (one[field] ?? 0), 0)
      : null;
  return {
    model_group: parseTeamGroup(model.name)?.name ?? model.name,
    providers: [...new Set(model.deployments.map((one) => one.provider))],
    ...asNumbers(facts),
    rpm: sum('rpm'),
    tpm: sum('tpm'),
    is_public_model_group: false,
  };
}

/** LiteLLM's views have prices as numbers; `GET /v1/models` has the exact text. */
function asNumbers({ input_cost_per_token: input, output_cost_per_token: output, ...facts }: ModelFacts) {
  return {
    ...facts,
    input_cost_per_token: input === null ? null : Number(input),
    output_cost_per_token: output === null ? null : Number(output),
  };
}

/** Without credentials and query. An address from the environment is shown by its variable's name. */
function publicBase({ apiBase }: Deployment): string | undefined {
  if (apiBase === undefined || 'sealed' in apiBase) return undefined;
  if ('env' in apiBase) return `os.environ/${apiBase.env}`;
  if (!URL.canParse(apiBase.literal)) return undefined;
  const { origin, pathname } = new URL(apiBase.literal);
  return origin + pathname;
}

function defined(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
