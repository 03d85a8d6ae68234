import type { TextPart } from '../conversation/content-part.ts';
import type { ConversationRequest, OutputFormat } from '../conversation/request.ts';
import type { DecodedRequest, DecodeRequestOptions } from '../dialect-codec.ts';
import { isRecord, recordAt, stringAt, type JsonRecord } from '../json/record.ts';
import { createDroppedParams } from '../dropped-params.ts';
import { decodeSampling, numberAt } from '../openai-chat/decode-sampling.ts';
import { isGatewayField } from '../openai-chat/gateway-fields.ts';
import { invalidField } from '../openai-chat/invalid-field.ts';
import { unsupportedParameter } from '../openai-chat/unsupported-parameter.ts';
import { decodeInput } from './decode-input.ts';
import { decodeTools } from './decode-tools.ts';
import { applicableDefaults, responsesParam } from './default-params.ts';
import { echoOf } from './echo-request.ts';
import { asksNothing, isAdvice, isOnlyHere } from './only-fields.ts';

/** Members this decoder turns into parts of the conversation, or repeats in the answer. */
const DECODED_FIELDS: ReadonlySet<string> = new Set([
  'model',
  'input',
  'instructions',
  'stream',
  'store',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'max_output_tokens',
  'temperature',
  'top_p',
  'top_k',
  'frequency_penalty',
  'presence_penalty',
  'seed',
  'stop',
  'text',
  'reasoning',
  'service_tier',
  'user',
  'safety_identifier',
  'metadata',
]);

/**
 * A Responses request as a conversation, for a provider of another format. What only OpenAI has is refused by name, or dropped
 * under `drop_params`; unknown members travel on. Throws `GatewayError` `invalid_request`, `unsupported_parameter`.
 */
export function decodeRequest(sent: JsonRecord, options: DecodeRequestOptions): DecodedRequest {
  const dropParams = options.dropParams || sent['drop_params'] === true;
  const { dropped, refuse } = createDroppedParams(dropParams);
  const body = effectiveBody(sent, options, refuse);
  const { system, messages } = decodeInput(body['input'] ?? [], refuse);
  const request: ConversationRequest = {
    system: [...decodeInstructions(body['instructions']), ...system],
    messages,
    ...decodeTools(body, refuse, (param) => dropped.push(param)),
    parallelToolCalls: typeof body['parallel_tool_calls'] === 'boolean' ? body['parallel_tool_calls'] : undefined,
    maxOutputTokens: numberAt(body, 'max_output_tokens'),
    // `stop` and its like are not of this API: a deployment's defaults, or members that some hosts add
    ...decodeSampling(body),
    outputFormat: decodeText(body['text'], refuse),
    reasoningEffort: decodeEffort(body['reasoning']),
    reasoningBudget: undefined,
    endUser: stringAt(body, 'user') ?? stringAt(body, 'safety_identifier'),
    serviceTier: stringAt(body, 'service_tier'),
    stream: options.stream,
    extra: collectExtra(body, refuse, dropped),
  };
  return { request, includeUsage: true, dropParams, dropped, echo: echoOf(body) };
}

/** The client's members and the deployment's defaults, without what this provider can't take. */
function effectiveBody(sent: JsonRecord, options: DecodeRequestOptions, refuse: (param: string) => void): JsonRecord {
  const defaults = applicableDefaults((member) => sent[member] !== undefined, options.defaultParams);
  const body: Record<string, unknown> = { ...sent, ...Object.fromEntries(defaults) };
  for (const param of options.unsupportedParams) {
    const member = responsesParam(param);
    if (body[member] !== undefined && body[member] !== null) refuse(member);
    delete body[member];
  }
  return body;
}

function collectExtra(body: JsonRecord, refuse: (param: string) => void, dropped: string[]): JsonRecord {
  const extra: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(body)) {
    if (DECODED_FIELDS.has(field) || isGatewayField(field)) continue;
    if (isAdvice(field)) dropped.push(field);
    else if (!isOnlyHere(field)) extra[field] = value;
    else if (!asksNothing(field, value)) refuse(field);
  }
  return extra;
}

function decodeInstructions(instructions: unknown): TextPart[] {
  if (instructions === undefined || instructions === null || instructions === '') return [];
  if (typeof instructions !== 'string') throw invalidField('instructions', 'must be a string');
  return [{ type: 'text', text: instructions }];
}

function decodeText(text: unknown, refuse: (param: string) => void): OutputFormat | undefined {
  if (text === undefined || text === null) return undefined;
  if (!isRecord(text)) throw invalidField('text', 'must be an object');
  const verbosity = text['verbosity'];
  if (verbosity !== undefined && verbosity !== null && verbosity !== 'medium') refuse('text.verbosity');
  const format = text['format'];
  if (format === undefined || format === null) return undefined;
  if (!isRecord(format)) throw invalidField('text.format', 'must be an object');
  return decodeFormat(format);
}

function decodeFormat(format: JsonRecord): OutputFormat | undefined {
  switch (format['type']) {
    case 'text':
      return undefined;
    case 'json_object':
      return { type: 'json' };
    case 'json_schema': {
      const schema = recordAt(format, 'schema');
      if (schema === undefined) throw invalidField('text.format.schema', 'must be a JSON schema object');
      const strict = typeof format['strict'] === 'boolean' ? format['strict'] : undefined;
      return { type: 'json-schema', schema, name: stringAt(format, 'name'), strict };
    }
    default:
      throw unsupportedParameter('text.format');
  }
}

/** `summary` asks how much of the reasoning is shown: what a provider shows is shown. */
function decodeEffort(reasoning: unknown): string | undefined {
  if (reasoning === undefined || reasoning === null) return undefined;
  if (!isRecord(reasoning)) throw invalidField('reasoning', 'must be an object such as {"effort":"low"}');
  const effort = reasoning['effort'];
  if (effort === undefined || effort === null) return undefined;
  if (typeof effort !== 'string') throw invalidField('reasoning.effort', 'must be a string such as "low", "medium" or "high"');
  return effort;
}
