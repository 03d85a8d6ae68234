import { byModel } from '#config';
import { GatewayError } from '#contracts';
import type { Caller } from '../auth/caller.ts';
import { parseInput } from '../errors/parse-input.ts';
import type { AdminResources } from '../resources.ts';
import { changeSettings, storedSettings } from './change-settings.ts';
import { FALLBACK_SETTINGS, fallbackQuerySchema, newFallbackSchema } from './settings-fields.ts';

type Kind = keyof typeof FALLBACK_SETTINGS;

/** `POST /fallback`: sets the fallbacks of one model, in place of those it had. */
export async function setFallback(body: unknown, caller: Caller, resources: AdminResources) {
  const input = parseInput(body, { schema: newFallbackSchema, place: 'body' });
  const { model, fallback_models: fallbackModels, fallback_type: kind } = input;
  const { models } = resources.stored;
  if (model !== '*' && models.resolve(model) === undefined) throw unknown('model', model);
  for (const [at, name] of fallbackModels.entries()) {
    if (models.resolve(name) === undefined) throw unknown(`fallback_models[${at}]`, name);
    if (name === model) {
      throw new GatewayError('invalid_request', `fallback_models[${at}]: ${name} can not be its own fallback.`, {
        param: 'fallback_models',
      });
    }
  }
  await changeSettings('router_settings', { [FALLBACK_SETTINGS[kind]]: { [model]: fallbackModels } }, caller, resources);
  return { model, fallback_models: fallbackModels, fallback_type: kind, message: `Fallbacks of ${model} are set` };
}

/** `GET /fallback/{model}`: those that count now, of the file or stored. */
export function getFallback(model: string, query: unknown, { stored }: AdminResources) {
  const { fallback_type: kind } = parseInput(query, { schema: fallbackQuerySchema, place: 'query' });
  const found = effective(kind, stored)[model];
  if (found === undefined) throw noFallback(model, kind);
  return { model, fallback_models: found, fallback_type: kind };
}

/** `DELETE /fallback/{model}`: what was stored goes; what stands in config.yaml counts again. */
export async function deleteFallback(model: string, query: unknown, caller: Caller, resources: AdminResources) {
  const { fallback_type: kind } = parseInput(query, { schema: fallbackQuerySchema, place: 'query' });
  const setting = FALLBACK_SETTINGS[kind];
  const own = byModel((await storedSettings(resources)).router_settings[setting]);
  if (!Object.hasOwn(own, model)) {
    const isOfFile = effective(kind, resources.stored)[model] !== undefined;
    if (isOfFile)
      throw new GatewayError('conflict', `The fallbacks of ${model} stand in config.yaml: change them there.`, { param: 'model' });
    throw noFallback(model, kind);
  }
  await changeSettings('router_settings', { [setting]: { [model]: null } }, caller, resources);
  return { model, fallback_type: kind, message: `Fallbacks of ${model} are deleted` };
}

function effective(kind: Kind, { config }: AdminResources['stored']): Readonly<Record<string, readonly string[]>> {
  const { fallbacks, contextWindowFallbacks, contentPolicyFallbacks } = config.router;
  return { general: fallbacks, context_window: contextWindowFallbacks ?? {}, content_policy: contentPolicyFallbacks ?? {} }[kind];
}

function unknown(param: string, name: string): GatewayError {
  return new GatewayError('invalid_request', `${param}: there is no model ${name} here. GET /v1/models lists what there is.`, { param });
}

function noFallback(model: string, kind: Kind): GatewayError {
  return new GatewayError('model_not_found', `The model ${model} has no ${kind} fallbacks.`, { param: 'model' });
}
