import type { IncomingHttpHeaders } from 'node:http';
import { ROUTE_OF_DIALECT } from '#attempts';
import type { PromptSettings } from '#config';
import type { JobMeta, StoredPrompt } from '#contracts';
import type { Principal } from '../auth/authenticate.ts';
import type { ClientResponse } from '../chat/client-response.ts';
import type { ClientCall } from '../chat/read-request.ts';
import type { IngressResources } from '../resources.ts';
import { type PromptEnd, RecordedPrompt } from './recorded-prompt.ts';
import { redactBody, redactText } from './redact-prompt.ts';

export interface PromptToKeep {
  readonly call: ClientCall;
  readonly meta: JobMeta;
  readonly principal: Principal;
  readonly headers: IncomingHttpHeaders;
}

/** Prompts on their way to the stream; where the stream is away they are dropped and counted, never waited for. */
export interface PromptKeeper {
  keep(prompt: StoredPrompt): void;
  settled(): Promise<void>;
}

type Resources = Pick<IngressResources, 'config' | 'prompts'>;

/**
 * The client's side of a call with what is asked and answered kept, where the configuration says so and neither the key
 * (`metadata.turn_off_message_logging`) nor the request (LiteLLM's `no-log` field and `x-litellm-enable-message-redaction` header) says
 * otherwise. The same response where nothing is kept.
 */
export function keepPrompt(response: ClientResponse, prompt: PromptToKeep, { config, prompts }: Resources): ClientResponse {
  const settings = config.prompts;
  if (settings === undefined || isRefused(prompt)) return response;
  const { meta } = prompt;
  return new RecordedPrompt(response, {
    meta,
    maxBytes: settings.maxBytes,
    onEnd: (end) => prompts.keep(storedPrompt(prompt, end, settings)),
  });
}

function isRefused({ call, principal, headers }: PromptToKeep): boolean {
  const { fields } = call;
  if (principal.kind === 'key' && principal.record.keepsNoPrompts === true) return true;
  return fields['no-log'] === true || headers['x-litellm-enable-message-redaction'] === 'true';
}

function storedPrompt({ call, meta }: PromptToKeep, end: PromptEnd, { maxBytes, redactFields }: PromptSettings): StoredPrompt {
  const { keyHash, teamId, userId, organizationId } = meta.by;
  const fields = new Set(redactFields.map((name) => name.toLowerCase()));
  return {
    v: 1,
    job: meta.id,
    acceptedAt: meta.acceptedAt,
    by: { keyHash, teamId, userId, organizationId },
    route: ROUTE_OF_DIALECT[meta.dialect],
    model: meta.model,
    status: end.status,
    request: redactBody(call.fields, { fields, maxBytes }),
    answer: answerText(end, { fields, maxBytes }),
  };
}

function answerText({ answer, answerBytes, error }: PromptEnd, options: { fields: ReadonlySet<string>; maxBytes: number }): string {
  const text = answer.toString('utf8');
  const whole = answerBytes === answer.length ? parsed(text) : undefined;
  const kept = whole === undefined ? redactText(text, options.maxBytes) : redactBody(whole, options);
  const left = answerBytes - answer.length;
  return `${kept}${left > 0 ? `… [cut, ${answerBytes} bytes in all]` : ''}${error === undefined ? '' : `[${error.code}: ${error.message}]`}`;
}

function parsed(text: string): object | undefined {
  if (!text.startsWith('{') && !text.startsWith('[')) return undefined;
  try {
    return JSON.parse(text) as object;
  } catch {
    return undefined;
  }
}
