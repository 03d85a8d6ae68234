import { ConfigError, hasSealed, readStoredModel, STORED_PATH } from '#config';
import { GatewayError, type ModelRecord } from '#contracts';
import type { StoredConfig } from './stored-config.ts';

/** What of a model is set, its secrets in clear. */
export type ModelDraft = Pick<ModelRecord, 'id' | 'modelName' | 'litellmParams' | 'modelInfo' | 'teamId'>;

/**
 * Reads a model as all services will. Throws `invalid_request` with everything that is wrong and how to put it right, the first field at fault as `param`.
 * Returns what is accepted without effect.
 */
export function checkModel(draft: ModelDraft, { config, providers }: Pick<StoredConfig, 'config' | 'providers'>): readonly string[] {
  if (hasSealed(draft.litellmParams)) {
    throw new GatewayError('invalid_request', 'litellm_params: give secrets as they are; sealing them is done here.', {
      param: 'litellm_params',
    });
  }
  try {
    const { warnings } = readStoredModel({ v: 1, kind: 'model', ...draft }, { ...providers, dropParams: config.litellm.dropParams });
    // this process does not have the keys of providers: whether a variable with a secret is set, workers say
    return warnings.filter((warning) => !warning.includes('environment variable')).map(withoutPlace);
  } catch (error) {
    if (error instanceof ConfigError) throw configRefusal(error, STORED_PATH);
    throw error;
  }
}

/** The problems of a configuration as an answer. `root` is what stands before the client's own fields in their paths. */
export function configRefusal(error: ConfigError, root: string): GatewayError {
  const problems = error.problems.map(({ path, message, suggestion }) => {
    const field = path.startsWith(root) ? path.slice(root.length).replace(/^\./, '') : path;
    return { field, text: `${field === '' ? '' : `${field}: `}${message}${suggestion === undefined ? '' : ` (${suggestion})`}` };
  });
  return new GatewayError('invalid_request', `${problems.map(({ text }) => text).join('; ')}.`, { param: problems[0]?.field });
}

/** `model abc:7: litellm_params.itpm has no effect yet` → the part that a client can use. */
function withoutPlace(warning: string): string {
  return warning.replace(/^model .*?:\d+: /, '');
}
