import Anthropic from '@anthropic-ai/sdk';

export const hello = (content: Anthropic.MessageParam['content'] = 'Hello there') => [{ role: 'user' as const, content }];
/** The least that a request to `/v1/messages` has, and these fields. */
export const base = (model: string, fields: object = {}) => ({ model, max_tokens: 2_048, messages: hello(), ...fields });

/** The SDK's error of a request that has to fail. */
export async function thrown(request: Promise<unknown>): Promise<InstanceType<typeof Anthropic.APIError>> {
  const error = await request.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof Anthropic.APIError) return error;
  throw new Error('no APIError was thrown', { cause: error });
}
