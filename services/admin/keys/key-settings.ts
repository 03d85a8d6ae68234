import { GatewayError } from '#contracts';
import { type Database, type KeySettings, lockBudget, type VirtualKey } from '#db';
import type { AdminResources } from '../resources.ts';
import { saidMetadata } from '../scopes/said-metadata.ts';
import { limitFieldsOf, mergeFields, saidLimits } from '../scopes/limit-schema.ts';
import { limitsFrom } from '../scopes/scope-limits.ts';
import { addDuration } from './duration.ts';
import { KEY_TYPES, type UpdateKeyInput } from './key-fields.ts';

export type SettingsInput = Omit<UpdateKeyInput, 'key' | 'spend'>;
type Present = Pick<
  VirtualKey,
  'limitFields' | 'limits' | 'metadata' | 'budgetId' | 'teamId' | 'userId' | 'organizationId' | 'models' | 'autoRotate' | 'rotationInterval'
>;

const NOTHING: Present = {
  metadata: {},
  limitFields: {},
  limits: null,
  budgetId: null,
  teamId: null,
  userId: null,
  organizationId: null,
  models: [],
  autoRotate: false,
  rotationInterval: null,
};

/**
 * What a client said, as it is stored; null takes something out, what it does not name is not in the answer. Limits are worked out here, so that
 * windows that are new begin to count now. Throws `invalid_request` with the field at fault.
 */
export async function toKeySettings(
  inside: Database,
  input: SettingsInput,
  { before = NOTHING, resources }: { readonly before?: Present | undefined; readonly resources: Pick<AdminResources, 'now' | 'stored'> },
): Promise<Partial<KeySettings>> {
  const settings = withoutUndefined({
    alias: input.key_alias,
    teamId: input.team_id,
    userId: input.user_id,
    organizationId: input.organization_id,
    budgetId: input.budget_id,
    models: orEmpty(input.models, []),
    aliases: orEmpty(input.aliases, {}),
    metadata: saidMetadata(input, before.metadata),
    tags: orEmpty(input.tags, []),
    enforcedParams: orEmpty(input.enforced_params, []),
    budgetFallbacks: orEmpty(input.budget_fallbacks, {}),
    blocked: orEmpty(input.blocked, false),
    expiresAt: expiryOf(input.duration, resources.now()),
  });
  const after = { ...before, ...settings };
  checkTeamModels(after);
  return {
    ...settings,
    ...routesOf(input),
    ...rotationOf(input, before, resources.now()),
    ...(await limitsOfKey(inside, input, { before, after, resources })),
  };
}

interface LimitContext {
  readonly before: Present;
  readonly after: Present;
  readonly resources: Pick<AdminResources, 'now' | 'stored'>;
}

async function limitsOfKey(
  inside: Database,
  input: SettingsInput,
  { before, after, resources }: LimitContext,
): Promise<Partial<KeySettings>> {
  const said = saidLimits(input);
  if (Object.keys(said).length === 0 && after.budgetId === before.budgetId) return {};
  const limitFields = mergeFields(before.limitFields, said);
  const limits = await keyLimits(inside, { limitFields, budgetId: after.budgetId, limits: before.limits }, resources);
  return { limitFields, limits };
}

/** A key's own limits before those of the shared budget that it has; that stays as it is until the transaction ends. */
export async function keyLimits(
  inside: Database,
  { limitFields, budgetId, limits }: Pick<VirtualKey, 'limitFields' | 'budgetId' | 'limits'>,
  resources: Pick<AdminResources, 'now' | 'stored'>,
) {
  const budget = budgetId === null ? undefined : await lockBudget(inside, budgetId, 'share');
  if (budgetId !== null && budget === undefined) {
    throw new GatewayError('route_not_found', `There is no budget ${budgetId}.`, { param: 'budget_id' });
  }
  return limitsFrom([limitFieldsOf(budget?.fields ?? {}), limitFieldsOf(limitFields)], limits, resources);
}

function checkTeamModels({ models, teamId }: Pick<Present, 'models' | 'teamId'>): void {
  if (teamId !== null || !models.includes('all-team-models')) return;
  throw new GatewayError('invalid_request', 'models: all-team-models is for keys of a team. Give a team_id.', { param: 'models' });
}

function expiryOf(duration: string | null | undefined, now: Date): Date | null | undefined {
  if (duration === undefined) return undefined;
  if (duration === null || duration === '-1') return null;
  return addDuration(now, duration) ?? refuseDuration('duration');
}

export function refuseDuration(param: string): never {
  throw new GatewayError('invalid_request', `${param}: give a time like 30s, 30m, 30h, 30d, 2w or 1mo.`, { param });
}

function routesOf({ key_type: type, allowed_routes: routes }: SettingsInput): Partial<KeySettings> {
  if (type == null) return routes === undefined ? {} : { allowedRoutes: routes ?? [] };
  if (type !== 'default' && routes != null && routes.length > 0) {
    throw new GatewayError(
      'invalid_request',
      `allowed_routes: a key of the type ${type} has its routes by that. Leave out one of the two.`,
      {
        param: 'allowed_routes',
      },
    );
  }
  return { keyType: type, allowedRoutes: routes ?? [...KEY_TYPES[type]] };
}

const SHORTEST_ROTATION_MS = 60_000;

function rotationOf(input: SettingsInput, before: Present, now: Date): Partial<KeySettings> {
  const { auto_rotate: asked, rotation_interval: said } = input;
  if (asked === undefined && said === undefined) return {};
  const autoRotate = asked ?? (asked === null ? false : before.autoRotate);
  const rotationInterval = said === undefined ? before.rotationInterval : said;
  const rotateAt = rotationInterval === null ? null : (addDuration(now, rotationInterval) ?? refuseDuration('rotation_interval'));
  if (rotateAt !== null && rotateAt.getTime() - now.getTime() < SHORTEST_ROTATION_MS) {
    throw new GatewayError('invalid_request', 'rotation_interval: give a minute or more.', { param: 'rotation_interval' });
  }
  if (autoRotate && rotateAt === null) {
    throw new GatewayError('invalid_request', 'rotation_interval: auto_rotate needs one, like 30d.', { param: 'rotation_interval' });
  }
  return { autoRotate, rotationInterval, rotateAt: autoRotate ? rotateAt : null };
}

function orEmpty<T>(value: T | null | undefined, empty: NonNullable<T>): NonNullable<T> | undefined {
  return value === null ? empty : (value ?? undefined);
}

function withoutUndefined<T extends object>(fields: T): { [Name in keyof T]?: Exclude<T[Name], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [Name in keyof T]?: Exclude<T[Name], undefined>;
  };
}
