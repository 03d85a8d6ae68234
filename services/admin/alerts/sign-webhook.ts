import { createHmac } from 'node:crypto';

export interface SignedContent {
  /** The same for every try. */
  readonly id: string;
  /** Unix seconds. */
  readonly timestamp: number;
  readonly body: string;
}

/**
 * Headers that let the receiver check who has sent it: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md.
 * `secret` is `whsec_` and the key in base64.
 */
export function signWebhook({ id, timestamp, body }: SignedContent, secret: string | undefined): Record<string, string> {
  const headers = { 'webhook-id': id, 'webhook-timestamp': String(timestamp) };
  if (secret === undefined) return headers;
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { ...headers, 'webhook-signature': `v1,${signature}` };
}
