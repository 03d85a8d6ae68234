import { ROUTE_OF_DIALECT } from '#attempts';
import type { JobMeta, RunRequest } from '#contracts';

export interface AskedRequest {
  readonly request: RunRequest;
  readonly body: Uint8Array;
}

/**
 * What a job was asked, so that it can be asked again (`RunRequest`): under the same key, filed under the same session, end user, agent and tags. Where
 * prompts are kept and this one's was not to be (`keepsNoPrompt`), that of the job that asks again is not either.
 *
 * Undefined where that is not at hand or not the same any more: a body that travels by reference, one in which a guardrail hid something that
 * only this job can put back, and requests that name their model in the address of a deployment.
 */
export function requestOf(meta: JobMeta, body: Uint8Array, { keepsNoPrompt = false } = {}): AskedRequest | undefined {
  if (meta.bodyRef !== undefined || meta.uploadRef !== undefined || body.length === 0) return undefined;
  if (Object.keys(meta.guard?.hidden ?? {}).length > 0) return undefined;
  const route = routeOf(meta, body);
  if (route === undefined) return undefined;
  const headers = { ...headersOf(meta), ...(keepsNoPrompt ? { 'x-litellm-enable-message-redaction': 'true' } : {}) };
  return { request: { v: 1, route, lane: meta.lane === 'live' ? 'background' : meta.lane, headers }, body };
}

function routeOf({ dialect, model, stream }: JobMeta, body: Uint8Array): string | undefined {
  if (dialect === 'gemini-generate') {
    return `/v1beta/models/${model}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`;
  }
  if (dialect === 'gemini-count-tokens') return `/v1beta/models/${model}:countTokens`;
  // OpenAI's moderations have a model of their own where none is named
  if (dialect !== 'openai-moderations' && !Buffer.from(body.buffer, body.byteOffset, body.byteLength).includes('"model"')) return undefined;
  return ROUTE_OF_DIALECT[dialect];
}

function headersOf({ by, headers }: JobMeta): Record<string, string> {
  // in a header, commas stand between tags
  const tags = by.tags?.filter((tag) => !tag.includes(',')) ?? [];
  const named: Readonly<Record<string, string | undefined>> = {
    'x-litellm-session-id': by.sessionId,
    'x-litellm-customer-id': by.endUser,
    'x-headrace-agent': by.agent,
    'x-litellm-tags': tags.length === 0 ? undefined : tags.join(','),
  };
  const set = Object.entries(named).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return { ...headers, ...Object.fromEntries(set) };
}
