import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PROVIDERS } from '#providers';
import { productionFiles, ROOT } from './source-files.ts';
import { stringLiterals } from './string-literals.ts';

/** Also the name of a service, which the supervisor starts and the configuration without a file points to. */
const OWN_PROVIDER = 'sandbox';

/** Names of something else that LiteLLM calls alike. */
const OTHER_MEANINGS = ['libs/config/settings/guardrail-settings.ts: bedrock'];

const IDS: ReadonlySet<string> = new Set(PROVIDERS.map((provider) => provider.id).filter((id) => id !== OWN_PROVIDER));

/** The strings of a source that are a provider's id, alone or as the first segment of `provider/model`. */
function providerIds(source: string): string[] {
  return stringLiterals(source).filter((text) => IDS.has(text.split('/', 1)[0] ?? ''));
}

describe('provider ids', () => {
  it('are found as a whole string, as a prefix and as a key', () => {
    const [id] = [...IDS];
    const source = `if (provider === '${id}' || model.startsWith('${id}/')) use({ ${id}: 1, other: '${id}-chat' });`;
    expect(providerIds(source)).toHaveLength(3);
  });

  it('are spelled out in libs/providers only: what differs between providers is data there', () => {
    const places = productionFiles()
      .filter((path) => !path.startsWith('libs/providers/'))
      .flatMap((path) => providerIds(readFileSync(join(ROOT, path), 'utf8')).map((text) => `${path}: ${text}`));
    expect(places).toEqual(OTHER_MEANINGS);
  });
});
