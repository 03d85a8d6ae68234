import type { ConversationRequest } from './conversation/request.ts';
import type { ClientCodec, OptionalParam } from './dialect-codec.ts';
import { unsupportedParameter } from './openai-chat/unsupported-parameter.ts';

export interface FittedRequest {
  readonly request: ConversationRequest;
  /** The client's names of what was left out. */
  readonly dropped: readonly string[];
}

/**
 * The request without what the provider's format has no place for. Throws `unsupported_parameter` by the client's name of
 * the first of them, unless the caller prefers them dropped or the client's dialect only advises with it. Values that ask for
 * nothing (`parallelToolCalls: true`, an empty list, a penalty of 0) are left out without a word.
 */
export function fitRequest(
  request: ConversationRequest,
  cannot: readonly OptionalParam[],
  options: { readonly dropParams: boolean } & Pick<ClientCodec, 'paramName' | 'advice'>,
): FittedRequest {
  const dropped: string[] = [];
  const fitted: Record<string, unknown> = { ...request };
  for (const param of cannot) {
    const value = request[param];
    fitted[param] = param === 'stop' ? [] : undefined;
    if (asksNothing(param, value)) continue;
    const name = options.paramName(param);
    if (!options.dropParams && options.advice?.includes(param) !== true) throw unsupportedParameter(name);
    dropped.push(name);
  }
  return { request: { ...request, ...fitted }, dropped };
}

function asksNothing(param: OptionalParam, value: unknown): boolean {
  if (value === undefined || (Array.isArray(value) && value.length === 0)) return true;
  if (param === 'parallelToolCalls') return value === true;
  if (param === 'serviceTier') return value === 'auto' || value === 'default';
  if (param === 'reasoningEffort') return value === 'none';
  return (param === 'frequencyPenalty' || param === 'presencePenalty') && value === 0;
}
