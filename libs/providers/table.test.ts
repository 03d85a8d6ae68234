import { findProvider as findPrices } from '@pydantic/genai-prices';
import { describe, expect, it } from 'vitest';
import { CLIENT_DIALECTS } from '#contracts';
import { PROVIDER_DIALECTS } from '#dialects';
import type { ProviderPath, ProviderPaths, ProviderRecord } from './provider-record.ts';
import { placeholdersOf } from './resolve/fill-template.ts';
import { findProvider, PROVIDERS } from './table.ts';

describe('the provider table', () => {
  it('has every id and every other name once, as one subject-safe word', () => {
    const names = PROVIDERS.flatMap((provider) => [provider.id, ...(provider.aliases ?? [])]);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
    for (const name of names) expect(name).toMatch(/^[a-z0-9_-]+$/);
  });

  it('has every provider of a usual configuration', () => {
    expect(PROVIDERS.length).toBeGreaterThan(120);
  });

  it('finds a provider by its id, by its other names and by nothing else', () => {
    for (const provider of PROVIDERS) {
      for (const name of [provider.id, ...(provider.aliases ?? [])]) expect(findProvider(name)).toBe(provider);
    }
    expect(findProvider('nobody')).toBeUndefined();
    expect(findProvider('toString')).toBeUndefined();
  });
});

describe.each(PROVIDERS.map((provider) => [provider.id, provider] as const))('%s', (_id, provider) => {
  const families = provider.families ?? [];
  const names = Object.keys(provider.settings ?? {});

  it('has an https host (or one of this machine) without query or trailing slash, or says that the base must be given', () => {
    for (const base of [provider, ...families].map((one) => one.baseUrl).filter((one) => one !== undefined)) {
      const url = new URL(base.replaceAll(/\{\w+\}/g, 'x'));
      expect([url.protocol, url.hostname]).toEqual(url.protocol === 'http:' ? ['http:', '127.0.0.1'] : ['https:', url.hostname]);
      expect(url.search + url.username).toBe('');
      expect(base.endsWith('/')).toBe(false);
    }
  });

  it('names environment variables as the shell writes them, and credentials unless it needs none', () => {
    const settings = Object.values(provider.settings ?? {});
    const credentials = [...provider.envKeys, ...(provider.envCredentials ?? [])];
    const variables = [...credentials, ...(provider.envBase ?? []), ...settings.flatMap((setting) => setting.env)];
    for (const name of variables) expect(name).toMatch(/^[A-Z][A-Z0-9_]*$/);
    expect(credentials.length > 0).toBe(provider.auth.kind !== 'none');
  });

  it('speaks dialects the gateway has, with lower-case headers', () => {
    for (const { dialect } of [provider, ...families]) if (dialect !== undefined) expect(PROVIDER_DIALECTS).toContain(dialect);
    const headers = [provider, ...families].flatMap(({ auth }) => (auth?.kind === 'header' ? [auth.header] : []));
    for (const name of [...Object.keys(provider.headers ?? {}), ...headers]) expect(name).toBe(name.toLowerCase());
  });

  it('says where the value of every placeholder comes from, and has no setting that nothing reads', () => {
    const used = templatesOf(provider).flatMap(placeholdersOf);
    expect(used.filter((name) => !names.includes(name) && name !== 'model' && name !== 'path')).toEqual([]);
    const read = [...used, ...families.flatMap((family) => Object.keys(family.settings ?? {})), ...AUTH_SETTINGS[provider.auth.kind]];
    expect(names.filter((name) => !read.includes(name))).toEqual([]);
    for (const setting of Object.values(provider.settings ?? {})) expect(setting.params.length).toBeGreaterThan(0);
  });

  it('has families that something can reach and that change something', () => {
    for (const [index, family] of families.entries()) {
      const isForAll = [family.models, family.clients, family.settings, family.baseEnding].every((one) => one === undefined);
      expect(isForAll && index < families.length - 1).toBe(false);
      const { models: _models, clients: _clients, settings, baseEnding: _ending, ...changes } = family;
      expect(Object.keys(changes).length).toBeGreaterThan(0);
      for (const name of Object.keys(settings ?? {})) expect(names).toContain(name);
      // what is taken off the name must be what the name was recognised by
      if (family.prefix !== undefined) expect(family.models).toEqual([family.prefix]);
    }
  });

  it('names operations the gateway has, each once', () => {
    const operations = provider.operations ?? [];
    for (const operation of operations) expect(CLIENT_DIALECTS).toContain(operation);
    expect(new Set(operations).size).toBe(operations.length);
    if (provider.conversations === false) expect(operations.length).toBeGreaterThan(0);
  });

  it('is priced under a name the catalogue has', () => {
    if (provider.pricesAs === undefined) return;
    expect(findPrices({ providerId: provider.pricesAs })?.id).toBe(provider.pricesAs);
  });
});

/** Settings that a way of authentication reads by name. */
const AUTH_SETTINGS: Readonly<Record<ProviderRecord['auth']['kind'], readonly string[]>> = {
  bearer: [],
  header: [],
  query: [],
  none: [],
  aws: ['aws_region_name'],
  'google-oauth': [],
  'entra-id': ['azure_ad_token'],
  'ibm-iam': ['token', 'zen_api_key', 'iam_url'],
  'workspace-oauth': ['client_id', 'client_secret'],
};

function templatesOf(provider: ProviderRecord): string[] {
  const families = provider.families ?? [];
  const queries = [provider, ...families].flatMap((one) => Object.values(one.query ?? {}));
  const bases = [provider, ...families].map((one) => one.baseUrl ?? '');
  const paths = [provider, ...families].flatMap((one) => pathsOf(one.paths));
  return [...bases, ...queries, ...paths, ...Object.values(provider.headers ?? {}), ...Object.values(provider.body ?? {})];
}

function pathsOf(paths: ProviderPaths | undefined): string[] {
  const all: readonly ProviderPath[] = Object.values(paths ?? {});
  return all.flatMap((path) => (typeof path === 'string' ? [path] : [path.whole, path.stream]));
}
