import { GatewayError } from '#contracts';

/** `param` is the field as the client wrote it (`messages[2].tool_call_id`), `rule` what it must be. */
export function invalidField(param: string, rule: string): GatewayError {
  return new GatewayError('invalid_request', `'${param}' ${rule}.`, { param });
}
