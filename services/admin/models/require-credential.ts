import { GatewayError } from '#contracts';
import { type Database, lockCredential, type StoredModel } from '#db';

const PARAM = 'litellm_params.litellm_credential_name';

/** Throws `invalid_request` where a model names a credential that is not there; what it names stays until the transaction ends. */
export async function requireCredential(inside: Database, { litellmParams }: Pick<StoredModel, 'litellmParams'>): Promise<void> {
  const name = credentialOf({ litellmParams });
  if (name === undefined || (await lockCredential(inside, name)) !== undefined) return;
  throw new GatewayError('invalid_request', `${PARAM}: there is no credential ${name}. Make it with POST /credentials.`, { param: PARAM });
}

export function credentialOf({ litellmParams }: Pick<StoredModel, 'litellmParams'>): string | undefined {
  const name = litellmParams['litellm_credential_name'];
  return typeof name === 'string' && name.trim() !== '' ? name.trim() : undefined;
}
