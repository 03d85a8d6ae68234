import type { JobMeta } from '#contracts';
import { buildPrompt } from '#prompts';
import type { ClientResponse } from '../chat/client-response.ts';
import type { IngressResources } from '../resources.ts';
import { mayKeepPrompt, type PromptAsked } from './may-keep-prompt.ts';
import { RecordedPrompt } from './recorded-prompt.ts';

export interface PromptToKeep extends PromptAsked {
  readonly meta: JobMeta;
}

type Resources = Pick<IngressResources, 'config' | 'prompts'>;

/** The client's side of a call with what is asked and answered kept, where it may be. The same response where nothing is kept. */
export function keepPrompt(response: ClientResponse, asked: PromptToKeep, resources: Resources): ClientResponse {
  const { config, prompts } = resources;
  const settings = config.prompts;
  if (settings === undefined || !mayKeepPrompt(asked, resources)) return response;
  const { meta, call } = asked;
  return new RecordedPrompt(response, {
    maxBytes: settings.maxBytes,
    onEnd: (end) => prompts.keep(() => buildPrompt({ meta, request: call.fields, end }, settings)),
  });
}
