import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { GuardrailSettings } from '#config';
import { GatewayError } from '#contracts';
import { compileGuardrails, createGuardTools, guardRequest } from '#guardrails';
import { parseInput } from '../errors/parse-input.ts';
import type { AdminResources } from '../resources.ts';
import { defineRoute } from '../routes/define-route.ts';

const MAX_TEXT = 1_000_000;

const applySchema = z.object({
  guardrail_name: z.string().min(1),
  text: z.string().min(1).max(MAX_TEXT),
  // LiteLLM's: what a guardrail looks for is in its configuration
  language: z.string().nullish(),
  entities: z.array(z.string()).nullish(),
  input_type: z.enum(['request', 'response']).nullish(),
});
const EXAMPLE = { guardrail_name: 'pii', text: 'Write to jane.roe@example.com' };

/** What is configured, and a way to try it on a text. */
export function registerGuardrailRoutes(app: FastifyInstance, resources: AdminResources): void {
  const tag = 'guardrails';
  for (const url of ['/guardrails/list', '/v2/guardrails/list']) {
    defineRoute(app, { method: 'GET', url, tag, summary: 'Guardrails of the configuration' }, () => ({
      guardrails: (resources.stored.config.guardrails?.list ?? []).map(listed),
    }));
  }
  for (const url of ['/guardrails/apply_guardrail', '/apply_guardrail']) {
    const spec = { method: 'POST', url, tag, summary: 'A text as a guardrail leaves it', body: applySchema, example: EXAMPLE } as const;
    defineRoute(app, spec, ({ body }) => apply(body, resources));
  }
}

function listed({ name, type, hooks, defaultOn, failOpen }: GuardrailSettings) {
  const mode = hooks.length === 1 ? hooks[0] : hooks;
  const unreachable_fallback = failOpen ? 'fail_open' : 'fail_closed';
  return {
    guardrail_id: name,
    guardrail_name: name,
    litellm_params: { guardrail: type, mode, default_on: defaultOn, unreachable_fallback },
    guardrail_info: null,
    guardrail_definition_location: 'config',
  };
}

/** Throws `guardrail_blocked`, and `invalid_request` for a name that nobody has configured. */
async function apply(body: unknown, { stored, env, log }: AdminResources) {
  const { guardrail_name: name, text } = parseInput(body, { schema: applySchema, place: 'body' });
  const { guardrails } = stored.config;
  const known = guardrails === undefined ? undefined : compileGuardrails(guardrails);
  const guardrail = known?.byName.get(name);
  if (guardrail === undefined) {
    const there = known === undefined ? 'none is configured' : `there are ${[...known.byName.keys()].join(', ')}`;
    throw new GatewayError('invalid_request', `There is no guardrail called '${name.slice(0, 64)}' here: ${there}.`, {
      param: 'guardrail_name',
    });
  }
  const fields = { input: text };
  const request = { dialect: 'openai-embeddings', fields, body: Buffer.from(JSON.stringify(fields)) } as const;
  const guarded = await guardRequest(request, [guardrail], 'pre_call', createGuardTools({ env, config: stored.config, log }));
  return { response_text: guarded.fields?.['input'] ?? text };
}
