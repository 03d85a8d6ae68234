import { findProvider as findPrices } from '@pydantic/genai-prices';
import { describe, expect, it } from 'vitest';
import { PROVIDER_DIALECTS } from '#dialects';
import { findProvider, PROVIDERS } from './table.ts';

describe('the provider table', () => {
  it('has every id once, as one subject-safe word', () => {
    const ids = PROVIDERS.map((provider) => provider.id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[a-z0-9_-]+$/);
  });

  it('finds a provider by its id and nothing else', () => {
    for (const provider of PROVIDERS) expect(findProvider(provider.id)).toBe(provider);
    expect(findProvider('nobody')).toBeUndefined();
    expect(findProvider('toString')).toBeUndefined();
  });
});

describe.each(PROVIDERS.map((provider) => [provider.id, provider] as const))('%s', (_id, provider) => {
  it('has an https host without query or trailing slash, or says that the base must be given', () => {
    if (provider.baseUrl === undefined) return;
    const url = new URL(provider.baseUrl);
    expect(url.protocol).toBe('https:');
    expect(url.search + url.username).toBe('');
    expect(provider.baseUrl.endsWith('/')).toBe(false);
  });

  it('names environment variables as the shell writes them, and a key unless it needs none', () => {
    for (const name of [...provider.envKeys, ...(provider.envBase ?? [])]) expect(name).toMatch(/^[A-Z][A-Z0-9_]*$/);
    expect(provider.envKeys.length > 0).toBe(provider.auth.kind !== 'none');
  });

  it('speaks a dialect the gateway has, with lower-case headers', () => {
    expect(PROVIDER_DIALECTS).toContain(provider.dialect);
    const names = [...Object.keys(provider.headers ?? {}), ...(provider.auth.kind === 'header' ? [provider.auth.header] : [])];
    for (const name of names) expect(name).toBe(name.toLowerCase());
  });

  it('is priced under a name the catalogue has', () => {
    if (provider.pricesAs === undefined) return;
    expect(findPrices({ providerId: provider.pricesAs })?.id).toBe(provider.pricesAs);
  });
});
