import { findProvider, settingParams } from '#providers';
import type { SecretRef } from '../secret-ref.ts';
import type { Deployment } from '../settings/deployment.ts';
import { placeText, type Reading } from '../reading.ts';
import type { SourceNode } from '../source/source-node.ts';
import { readSecret } from '../values.ts';
import type { Fields } from './read-section.ts';

export interface SettingsOf {
  readonly owner: string;
  readonly provider: string | undefined;
}

/** Addresses and credentials of a deployment, not resolved. One that the provider does not read is left out with a warning. */
export function readSettings(fields: Fields, { owner, provider }: SettingsOf, reading: Reading): Deployment['settings'] {
  if (fields.size === 0) return undefined;
  const settings: Record<string, SecretRef> = {};
  const record = provider === undefined ? undefined : findProvider(provider);
  const known = record && settingParams(record);
  for (const [name, node] of fields) {
    if (known?.has(name) === false) {
      reading.warn(`unread ${owner} ${name}`, `${placeText(node)}: ${owner}: ${name} has no effect for the provider ${provider}`);
      continue;
    }
    const secret = node.kind === 'map' ? literalOf(node, reading) : readSecret(node, owner, reading);
    if (secret !== undefined) settings[name] = secret;
  }
  return settings;
}

/** Credentials written out as a mapping, as LiteLLM takes `vertex_credentials`, are the JSON of it. */
function literalOf(node: SourceNode, reading: Reading): SecretRef | undefined {
  const literal = JSON.stringify(node.plain());
  if (!literal.includes('"os.environ/')) return { literal };
  reading.problem(node, 'names an environment variable inside credentials', {
    suggestion: 'put the whole JSON into one variable and write os.environ/ and its name here',
    hideValue: true,
  });
  return undefined;
}
