import { mapSecrets } from '#config';
import type { StoredCredential } from '#db';

/** Which values are set is shown, and what they are where it is no secret. */
const HIDDEN = '********';

/** LiteLLM's shape of a credential. */
export function credentialView({ name, values, info }: Pick<StoredCredential, 'name' | 'values' | 'info'>) {
  return { credential_name: name, credential_values: mapSecrets(values, () => HIDDEN), credential_info: info };
}
