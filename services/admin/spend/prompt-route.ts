import type { FastifyInstance } from 'fastify';
import { GatewayError } from '#contracts';
import { findPrompt, type KeptPrompt } from '#db';
import type { AdminResources } from '../resources.ts';
import { defineRoute } from '../routes/define-route.ts';
import { visibleSpend } from './visible-spend.ts';

/**
 * `GET /spend/logs/ui/{request_id}`, LiteLLM's: what was asked and answered in a request, where the configuration says that it is kept. Whoever
 * may see what the request has cost may see it.
 */
export function registerPromptRoute(app: FastifyInstance, { db }: AdminResources): void {
  const spec = {
    method: 'GET',
    url: '/spend/logs/ui/:request_id',
    summary: 'What was asked and answered in a request, where that is kept',
  } as const;
  defineRoute(app, spec, async (request) => {
    const { request_id: id } = request.params as { readonly request_id: string };
    const found = await findPrompt(db, id, visibleSpend(request.caller));
    if (found !== undefined) return promptView(found);
    const message = 'Nothing is kept of this request: see store_prompts_in_spend_logs, or it is older than headrace.prompts.retention.';
    throw new GatewayError('prompt_not_found', message, { param: 'request_id' });
  });
}

/** `messages` and `response` as LiteLLM's dashboard reads them; texts that were cut are given as texts. */
function promptView({ jobId, acceptedAt, route, model, status, request, answer }: KeptPrompt) {
  const body = jsonOr(request);
  return {
    request_id: jobId,
    startTime: acceptedAt.toISOString(),
    call_type: route,
    model,
    status,
    messages: isRecord(body) ? (body['messages'] ?? body['input'] ?? body['contents'] ?? body['prompt'] ?? null) : body,
    proxy_server_request: body,
    response: jsonOr(answer),
  };
}

function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
