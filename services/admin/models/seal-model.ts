import { isSealed, mapSecrets, sealedPlace } from '#config';
import { GatewayError } from '#contracts';
import type { StoredConfig } from './stored-config.ts';

type Params = Readonly<Record<string, unknown>>;

/** `litellm_params` as they may be stored: every secret sealed for its place. */
export function sealParams(id: string, params: Params, stored: Pick<StoredConfig, 'sealing'>): Record<string, unknown> {
  return sealSecrets(params, (place) => sealedPlace(id, place), stored);
}

type Placed = (place: string) => string;

/** The same for anything of that form; `placed` says what a secret is bound to. */
export function sealSecrets(params: Params, placed: Placed, { sealing }: Pick<StoredConfig, 'sealing'>): Record<string, unknown> {
  return mapSecrets(params, (text, place) => {
    if (sealing !== undefined) return sealing.seal(text, placed(place));
    throw new GatewayError(
      'invalid_request',
      `${place}: secrets can not be stored, because this gateway has no key to seal them with. Set HEADRACE_SALT_KEY or a master key, or name an environment variable: os.environ/NAME.`,
      { param: place },
    );
  });
}

/** The same in clear, to be checked with what is new. Throws `service_unavailable` for what was sealed with another key. */
export function openParams(id: string, params: Params, stored: Pick<StoredConfig, 'sealing'>): Record<string, unknown> {
  return openSecrets(params, (place) => sealedPlace(id, place), stored);
}

export function openSecrets(params: Params, placed: Placed, { sealing }: Pick<StoredConfig, 'sealing'>): Record<string, unknown> {
  return mapSecrets(params, (text, place) => {
    if (!isSealed(text)) return text;
    try {
      if (sealing !== undefined) return sealing.open(text, placed(place));
      throw new Error('there is no salt key');
    } catch (error) {
      const message = `${place} was sealed with another salt key. Give it again, or bring back the old HEADRACE_SALT_KEY.`;
      throw new GatewayError('invalid_request', message, { param: place, cause: error });
    }
  });
}

/** As it may be shown: without anything secret. */
export function shownParams(params: Params): Record<string, unknown> {
  return mapSecrets(params, () => undefined);
}
