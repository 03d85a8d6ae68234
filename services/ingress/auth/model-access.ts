import { GatewayError, type KeyRecord } from '#contracts';
import type { Principal } from './authenticate.ts';

const EVERYTHING = new Set(['*', 'all-proxy-models', 'all-team-models']);

/** Whether a key may use a model: an empty list means all, `provider/*` matches by pattern. */
export function mayUseModel(principal: Principal, model: string): boolean {
  if (principal.kind === 'master') return true;
  const { models } = principal.record;
  return models.length === 0 || models.some((entry) => EVERYTHING.has(entry) || matches(entry, model));
}

function matches(entry: string, model: string): boolean {
  if (entry === model) return true;
  if (!entry.includes('*')) return false;
  const parts = entry.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(model);
}

/** Throws 403 `model_access_denied`. */
export function requireModelAccess(principal: Principal, model: string): void {
  if (mayUseModel(principal, model)) return;
  throw new GatewayError('model_access_denied', `The model ${model} is not available for this API key.`, { param: 'model' });
}

/** The model group behind the name a client uses: a key may have names of its own. */
export function aliasedModel(principal: Principal, model: string): string {
  const record: KeyRecord | undefined = principal.kind === 'key' ? principal.record : undefined;
  const aliases = record?.aliases;
  return (aliases && Object.hasOwn(aliases, model) ? aliases[model] : undefined) ?? model;
}
