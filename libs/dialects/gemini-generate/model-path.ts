import type { ProviderCall } from '../dialect-codec.ts';

/** Kinds of models with an address of their own; all others are below `models/`. */
const OWN_COLLECTION = /^(?:models|tunedModels|publishers|projects|endpoints)\//;

/** `/v1beta/models/gemini-2.5-pro:generateContent`, and the streamed form as server-sent events. */
export function modelPath({ model, stream }: ProviderCall): string {
  return methodPath(model, stream ? 'streamGenerateContent?alt=sse' : 'generateContent');
}

/** Any method of a model, `countTokens` for one. */
export function methodPath(model: string, method: string): string {
  const name = OWN_COLLECTION.test(model) ? model : `models/${model}`;
  const escaped = name
    .split('/')
    .map((segment) => encodeURIComponent(segment).replaceAll('%40', '@'))
    .join('/');
  return `/v1beta/${escaped}:${method}`;
}
