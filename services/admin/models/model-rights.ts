import { GatewayError, type ModelRecord } from '#contracts';
import { type Database, findScope } from '#db';
import { findProvider, providerIdOf } from '#providers';
import { administersTeam, type Caller, denied, isAdmin } from '../auth/caller.ts';

/** Models are the administrator's; a team's own are its admins' too. Throws `route_access_denied`, `invalid_request` for a team that is not there. */
export async function requireModelRights(caller: Caller, teamId: string | undefined, { db }: { readonly db: Database }): Promise<void> {
  const team = teamId === undefined ? undefined : await findScope(db, { kind: 'team', id: teamId });
  if (isAdmin(caller)) {
    if (teamId !== undefined && team === undefined) throw refusal('model_info.team_id', `there is no team ${teamId}.`);
    return;
  }
  if (teamId === undefined)
    throw denied('Models without a team are made and changed by a proxy_admin. Give model_info.team_id.', 'model_info.team_id');
  if (!administersTeam(caller, teamId, team?.organizationId))
    throw denied(`You do not administer the team ${teamId}.`, 'model_info.team_id');
}

type Params = Pick<ModelRecord, 'litellmParams' | 'modelName' | 'teamId'>;

/**
 * What a team's admin may not set, because it would reach beyond the team: the gateway's environment (secrets of others, sent to an address
 * of its choice), the gateway's network, and clouds with the identity of the machine that the gateway runs on.
 */
export function checkTeamModel(caller: Caller, { litellmParams, modelName, teamId }: Params, changesParams = true): void {
  if (teamId !== undefined && modelName.includes('*')) throw refusal('model_name', "a team's model must be one, not a pattern.");
  if (isAdmin(caller) || !changesParams) return;
  if (JSON.stringify(litellmParams).includes('os.environ/')) {
    throw refusal('litellm_params', "only the administrator's models may name environment variables: give the value itself.");
  }
  if (litellmParams['litellm_credential_name'] !== undefined) {
    throw refusal(
      'litellm_params.litellm_credential_name',
      "credentials are for the administrator's models: give an API key of the team's own.",
    );
  }
  const { api_key: key } = litellmParams;
  if (typeof key !== 'string' || key === '') throw refusal('litellm_params.api_key', 'a team’s model needs an API key of its own.');
  requireKeyedProvider(litellmParams);
  for (const [name, value] of Object.entries(litellmParams)) {
    if (!isAddress(name, value) || isPublicHttps(value)) continue;
    throw refusal(`litellm_params.${name}`, 'must be an https address with a public name; other addresses are for the administrator.');
  }
}

/** Where the key is all that is sent: others fall back on the identity of the machine, or are on this machine. */
const KEYED: ReadonlySet<string> = new Set(['bearer', 'header', 'query', 'entra-id', 'ibm-iam']);

function requireKeyedProvider({ model, custom_llm_provider: custom, api_base: base }: Params['litellmParams']): void {
  const named = typeof custom === 'string' ? custom : typeof model === 'string' ? model.split('/', 1)[0] : undefined;
  const provider = named === undefined ? undefined : findProvider(providerIdOf(named) ?? named);
  // an unknown one is refused by whoever reads the model
  if (provider === undefined) return;
  const isReached = base !== undefined || (provider.baseUrl?.startsWith('https://') ?? false);
  if (KEYED.has(provider.auth.kind) && isReached) return;
  throw refusal(
    'litellm_params.model',
    `models of ${provider.id} are made by the administrator: they can be called without a key of their own.`,
  );
}

/** Whatever a provider's entry reads as one: `api_base`, `aws_sts_endpoint`, `azure_authority_host` … */
function isAddress(name: string, value: unknown): boolean {
  return ADDRESS_NAME.test(name) || (typeof value === 'string' && value.includes('://'));
}

const ADDRESS_NAME = /(?:^|_)(?:api_base|base_url|endpoint|host|url)$/;

const PRIVATE_NAME = /(?:^|\.)(?:localhost|local|internal|lan|home\.arpa)$/i;

function isPublicHttps(address: unknown): boolean {
  const url = typeof address === 'string' ? URL.parse(address) : null;
  const host = url?.hostname.replace(/\.$/, '') ?? '';
  // a number, however it is written, is one of four decimal parts after parsing
  const isNumber = /^[\d.]+$/.test(host) || host.startsWith('[');
  return url?.protocol === 'https:' && !isNumber && host.includes('.') && !PRIVATE_NAME.test(host);
}

function refusal(param: string, rule: string): GatewayError {
  return new GatewayError('invalid_request', `${param}: ${rule}`, { param });
}
