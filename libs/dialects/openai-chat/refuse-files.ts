import { GatewayError } from '#contracts';
import { isRecord } from '../json/record.ts';

/** For hosts that take this format's pictures but not its documents. Throws `GatewayError` `invalid_request`. */
export function refuseFiles(messages: unknown): void {
  for (const message of Array.isArray(messages) ? messages.filter(isRecord) : []) {
    const { content } = message;
    if (!Array.isArray(content) || !content.some((part) => isRecord(part) && part['type'] === 'file')) continue;
    throw new GatewayError('invalid_request', 'The provider of this model takes text and images in messages, no other files.', {
      param: 'messages',
      retry: 'elsewhere',
    });
  }
}
