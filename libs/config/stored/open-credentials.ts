import type { CredentialRecord } from '#contracts';
import { parseSource } from '../source/source-file.ts';
import { rootNode, type SourceNode } from '../source/source-node.ts';
import { SealError, type Sealing } from './sealing.ts';
import { mapSealed } from './secret-params.ts';

/** What a model takes from the credential that it names. */
export interface Credential {
  /** A mapping, as if it stood in `litellm_params`. */
  readonly params: SourceNode;
  /** Why its secrets can't be used here. */
  readonly unusable?: string | undefined;
}

export type Credentials = ReadonlyMap<string, Credential>;

export interface OpenOptions {
  readonly sealing?: Sealing | undefined;
  /** As of stored models: without a key for its secrets it can't be used. */
  readonly needsSecrets?: boolean | undefined;
}

/** Stored credentials by name, their secrets in clear where this process opens them. */
export function openCredentials(records: readonly CredentialRecord[], options: OpenOptions): Credentials {
  return new Map(records.map((record) => [record.name, openCredential(record, options)]));
}

function openCredential({ name, values }: CredentialRecord, { sealing, needsSecrets }: OpenOptions): Credential {
  let unusable: string | undefined;
  const opened = mapSealed(values, (text, place) => {
    try {
      if (sealing !== undefined) return sealing.open(text, credentialPlace(name, place));
      if (needsSecrets === true) unusable = 'no salt key is set here: HEADRACE_SALT_KEY';
    } catch (error) {
      if (!(error instanceof SealError)) throw error;
      unusable = `credential ${name}: ${error.message}`;
    }
    return text;
  });
  return { params: rootNode(parseSource(`credential ${name}`, JSON.stringify(opened, undefined, 1))), unusable };
}

/** What a sealed secret of a credential is bound to. */
export function credentialPlace(name: string, place: string): string {
  return `credential/${name}/${place}`;
}
