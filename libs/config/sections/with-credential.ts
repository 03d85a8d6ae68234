import type { SourceNode } from '../source/source-node.ts';
import type { Credentials } from '../stored/open-credentials.ts';

/** A model's parameters, with those of the credential that it names for what it does not say itself (as in LiteLLM). */
export interface FullParams {
  readonly params: SourceNode;
  readonly credential?: string | undefined;
  /** Why the model can't be called: its credential is not there, or can't be opened. */
  readonly unusable?: string | undefined;
}

export function withCredential(own: SourceNode, credentials: Credentials | undefined): FullParams {
  const name =
    own.kind === 'map'
      ? own
          .entries()
          .find(({ key }) => key === 'litellm_credential_name')
          ?.value.text.trim()
      : undefined;
  if (name === undefined || name === '') return { params: own };
  const credential = credentials?.get(name);
  if (credential === undefined) return { params: own, credential: name, unusable: `there is no credential ${name}` };
  return { params: joined(credential.params, own), credential: name, unusable: credential.unusable };
}

function joined(credential: SourceNode, own: SourceNode): SourceNode {
  const entries: SourceNode['entries'] = () => {
    const said = own.entries();
    const names = new Set(said.map(({ key }) => key));
    return [...credential.entries().filter(({ key }) => !names.has(key)), ...said];
  };
  return { ...own, entries, plain: () => Object.fromEntries(entries().map(({ key, value }) => [key, value.plain()])) };
}
