import type { ClientDialect } from '#contracts';
import type { ProviderFamily, ProviderRecord } from '../provider-record.ts';

export interface FamilyQuestion {
  /** As the deployment names it, prefixes included. */
  readonly model: string;
  readonly clientDialect: ClientDialect;
  readonly setting: (name: string) => string | undefined;
  /** The base that the operator gave, if any. */
  readonly ownBase: string | undefined;
}

/** The first family of the provider that the request belongs to. */
export function findFamily(provider: ProviderRecord, question: FamilyQuestion): ProviderFamily | undefined {
  return provider.families?.find((family) => belongsTo(family, question));
}

function belongsTo(family: ProviderFamily, { model, clientDialect, setting, ownBase }: FamilyQuestion): boolean {
  if (family.models !== undefined && !family.models.some((pattern) => matchesModel(pattern, model))) return false;
  if (family.clients !== undefined && !family.clients.includes(clientDialect)) return false;
  if (family.baseUrl !== undefined && ownBase !== undefined) return false;
  if (family.baseEnding !== undefined && !pathOf(ownBase).endsWith(family.baseEnding)) return false;
  return Object.entries(family.settings ?? {}).every(([name, values]) => values.includes(setting(name) ?? ''));
}

/** Without query and slashes at the end. */
function pathOf(base: string | undefined): string {
  return (base ?? '').replace(/[?#].*$/s, '').replace(/\/+$/, '');
}

/** `claude-` is a beginning; `*` stands for any part. Linear: patterns are ours, model names are the client's. */
export function matchesModel(pattern: string, model: string): boolean {
  let at = 0;
  for (const [index, part] of pattern.split('*').entries()) {
    const found = index === 0 ? (model.startsWith(part) ? 0 : -1) : model.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return true;
}
