import type { IncomingHttpHeaders } from 'node:http';
import type { Principal } from '../auth/authenticate.ts';
import type { ClientCall } from '../chat/read-request.ts';
import type { IngressResources } from '../resources.ts';

export interface PromptAsked {
  readonly call: Pick<ClientCall, 'fields'>;
  readonly principal: Principal;
  /** Names in lower case. */
  readonly headers: IncomingHttpHeaders;
}

/**
 * Whether what is asked and answered may be kept: where the configuration says so and neither the key (`metadata.turn_off_message_logging`) nor the
 * request (LiteLLM's `no-log` field and `x-litellm-enable-message-redaction` header) says otherwise.
 */
export function mayKeepPrompt({ call, principal, headers }: PromptAsked, { config }: Pick<IngressResources, 'config'>): boolean {
  if (config.prompts === undefined) return false;
  if (principal.kind === 'key' && principal.record.keepsNoPrompts === true) return false;
  return call.fields['no-log'] !== true && headers['x-litellm-enable-message-redaction'] !== 'true';
}
