import { providerIdOf, providerOfBareModel } from '#providers';
import { closestKey } from '../keys/closest-key.ts';

/** The providers there are: a set allows suggestions, a predicate does not. */
export type KnownProviders = ReadonlySet<string> | ((id: string) => boolean);

export type ModelTarget =
  | { readonly provider: string; readonly upstreamModel: string }
  | { readonly message: string; readonly suggestion: string };

/**
 * Splits `litellm_params.model` into provider and the name the provider is sent. `custom_llm_provider` wins over the first
 * segment; the rest may hold slashes itself (`openai/hosted_vllm/llama-3.3-70b`). A provider's other names give its id.
 */
export function splitModel(model: string, customProvider: string | undefined, providers: KnownProviders): ModelTarget {
  const slash = model.indexOf('/');
  const first = slash === -1 ? undefined : model.slice(0, slash);
  const provider = customProvider ?? first ?? providerOfBareModel(model);
  if (provider === undefined) {
    return {
      message: `"${model}" does not say which provider serves it`,
      suggestion: `write provider/${model}, for example openai/${model}`,
    };
  }
  if (!isKnown(provider, providers)) return unknownProvider(provider, model, providers);
  const upstreamModel = first === provider ? model.slice(slash + 1) : model;
  if (upstreamModel === '')
    return { message: `"${model}" names a provider but no model`, suggestion: `write ${provider}/ and the model's name` };
  return { provider: providerIdOf(provider) ?? provider, upstreamModel };
}

export function isKnown(id: string, providers: KnownProviders): boolean {
  return typeof providers === 'function' ? providers(id) : providers.has(id);
}

function unknownProvider(provider: string, model: string, providers: KnownProviders): ModelTarget {
  const near = typeof providers === 'function' ? undefined : closestKey(provider, providers);
  const openai = `for an OpenAI-compatible host write openai/${model} and its api_base`;
  return {
    message: `provider "${provider}" is not known`,
    suggestion: near === undefined ? openai : `did you mean "${near}"? Or ${openai}`,
  };
}
