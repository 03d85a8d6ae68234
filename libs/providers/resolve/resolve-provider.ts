import { CHAT_DIALECTS, type ClientDialect } from '#contracts';
import type { DialectQuirks, ProviderDialect } from '#dialects';
import type { ProviderAuth, ProviderFamily, ProviderPath, ProviderRecord } from '../provider-record.ts';
import { fillOptional, fillTemplate } from './fill-template.ts';
import { findFamily } from './find-family.ts';
import { settingNames, settingValues, type SettingSources } from './settings.ts';

export interface ProviderQuestion extends SettingSources {
  /** As the deployment names it. */
  readonly model: string;
  readonly clientDialect: ClientDialect;
  /** The base that the operator gave, if any: the record's own is not used then. */
  readonly ownBase: string | undefined;
  /** Called for what is not set; throws. `names` are the ways to set it. */
  readonly missing: (names: string) => never;
}

/** A provider's record for one deployment and one client format, with every placeholder filled in. */
export interface ResolvedProvider {
  readonly dialect: ProviderDialect;
  /** Undefined: nobody gave one. */
  readonly baseUrl: string | undefined;
  /** The name for the provider, without the family's prefix. */
  readonly model: string;
  readonly auth: ProviderAuth;
  readonly quirks: DialectQuirks;
  readonly headers: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, string>>;
  /** The path below the base for a path of the dialect, query included. Throws through `missing`. */
  path(dialectPath: string, stream: boolean): string;
  setting(name: string): string | undefined;
}

export function resolveProvider(provider: ProviderRecord, question: ProviderQuestion): ResolvedProvider {
  const values = settingValues(provider, question);
  const setting = (name: string): string | undefined => values.get(name);
  const onMissing = (name: string): never => question.missing(settingNames(provider, name));
  const family = findFamily(provider, { ...question, setting });
  const model = stripPrefix(question.model, family);
  const template = family?.baseUrl ?? provider.baseUrl;
  return {
    dialect: family?.dialect ?? provider.dialect,
    baseUrl: question.ownBase ?? (template && fillTemplate(template, setting, onMissing)),
    model,
    auth: family?.auth ?? provider.auth,
    quirks: family?.quirks ?? provider.quirks,
    headers: fillOptional(provider.headers, setting),
    query: fillOptional(family?.query ?? provider.query, setting),
    body: fillOptional(provider.body, setting),
    path: (dialectPath, stream) => {
      const path = pathTemplate(family?.paths ?? provider.paths, question.clientDialect);
      if (path === undefined) return dialectPath;
      const value = (name: string): string | undefined =>
        name === 'path' ? dialectPath : name === 'model' ? encodeModel(model) : setting(name);
      return fillTemplate(typeof path === 'string' ? path : stream ? path.stream : path.whole, value, onMissing) ?? dialectPath;
    },
    setting,
  };
}

function stripPrefix(model: string, family: ProviderFamily | undefined): string {
  const { prefix } = family ?? {};
  return prefix !== undefined && model.startsWith(prefix) ? model.slice(prefix.length) : model;
}

const CONVERSATIONS: ReadonlySet<ClientDialect> = new Set(CHAT_DIALECTS);

function pathTemplate(paths: ProviderRecord['paths'], clientDialect: ClientDialect): ProviderPath | undefined {
  if (paths === undefined) return undefined;
  return paths[clientDialect] ?? (CONVERSATIONS.has(clientDialect) ? paths.chat : undefined) ?? paths.every;
}

/** Slashes stay, as in `publisher/name`; so do `@` and `:`, which are legal in a path and part of many names. */
function encodeModel(model: string): string {
  return model.split('/').map(encodeSegment).join('/');
}

function encodeSegment(segment: string): string {
  return encodeURIComponent(segment).replaceAll('%40', '@').replaceAll('%3A', ':');
}
