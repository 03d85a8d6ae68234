import { createHash } from 'node:crypto';
import type { ConversationRequest, OutputFormat } from '../conversation/request.ts';
import type { ToolChoice, ToolDefinition } from '../conversation/tool.ts';
import type { EncodeRequestOptions } from '../dialect-codec.ts';
import type { JsonRecord } from '../json/record.ts';
import { effortOfBudget, takesNoEffort } from '../openai-chat/thinking-format.ts';
import { unsupportedParameter } from '../openai-chat/unsupported-parameter.ts';
import { responsesParam } from './default-params.ts';
import { encodeInput } from './encode-input.ts';

/** OpenAI refuses longer end-user ids. */
const LONGEST_USER = 64;
/** A schema must have a name; not every client's format has one. */
const NAMELESS_SCHEMA = 'answer';
/** JSON mode is refused for an input that does not mention it. */
const JSON_INSTRUCTION = 'Answer with one valid JSON object.';
/** The others refuse `reasoning.encrypted_content`: they have no reasoning to encrypt. */
const REASONING_MODEL = /(?:^|\/)(?:o\d|gpt-(?:[5-9]|\d\d)(?!.*-chat)|codex|computer-use)/;

/**
 * A conversation as a Responses request (https://platform.openai.com/docs/api-reference/responses/create). Nothing is kept at the
 * provider: reasoning comes encrypted, to be given back. Unknown members of the client reach it as they are. Throws `GatewayError`
 * `unsupported_parameter`.
 */
export function encodeRequest(request: ConversationRequest, options: EncodeRequestOptions): JsonRecord {
  const wanted = request.reasoningEffort ?? effortOfBudget(request.reasoningBudget);
  const effort = wanted === 'none' && !takesNoEffort(options.upstreamModel) ? undefined : wanted;
  const body: Record<string, unknown> = {
    store: false,
    ...request.extra,
    model: options.upstreamModel,
    instructions: encodeInstructions(request),
    input: encodeInput(request.messages),
    ...encodeTools(request),
    max_output_tokens: request.maxOutputTokens,
    temperature: request.temperature,
    top_p: request.topP,
    ...(request.outputFormat === undefined ? {} : { text: { format: encodeFormat(request.outputFormat) } }),
    ...(effort === undefined ? {} : { reasoning: { effort } }),
    ...(REASONING_MODEL.test(options.upstreamModel) ? { include: ['reasoning.encrypted_content'] } : {}),
    user: encodeUser(request.endUser),
    service_tier: request.serviceTier,
    stream: request.stream ? true : undefined,
  };
  refuseUnsupported(body, options);
  return body;
}

function encodeInstructions({ system, messages, outputFormat }: ConversationRequest): string | undefined {
  const texts = system.map((part) => part.text);
  if (outputFormat?.type === 'json' && !/json/i.test(JSON.stringify([texts, messages]))) texts.push(JSON_INSTRUCTION);
  return texts.length === 0 ? undefined : texts.join('\n\n');
}

function encodeTools({ tools, toolChoice, parallelToolCalls }: ConversationRequest): JsonRecord {
  if (tools.length === 0) return {};
  return { tools: tools.map(encodeTool), tool_choice: encodeToolChoice(toolChoice), parallel_tool_calls: parallelToolCalls };
}

/** Left out, `strict` is true here and the schema is rewritten, while it is false in every other format. */
function encodeTool(tool: ToolDefinition): JsonRecord {
  if (tool.type === 'opaque') return tool.value;
  const { name, description, parameters = { type: 'object', properties: {} }, strict = false } = tool;
  return { type: 'function', name, description, parameters, strict };
}

function encodeToolChoice(choice: ToolChoice | undefined): unknown {
  if (choice === undefined) return undefined;
  return choice.type === 'named' ? { type: 'function', name: choice.name } : choice.type;
}

function encodeFormat(format: OutputFormat): JsonRecord {
  if (format.type === 'json') return { type: 'json_object' };
  const { name = NAMELESS_SCHEMA, schema, strict } = format;
  return { type: 'json_schema', name, schema, strict };
}

/** An opaque id: a long one is as good hashed. */
function encodeUser(endUser: string | undefined): string | undefined {
  if (endUser === undefined || endUser.length <= LONGEST_USER) return endUser;
  return createHash('sha256').update(endUser).digest('hex');
}

/** What has a neutral name was refused by the client's name for it before; this is for the rest. */
function refuseUnsupported(body: Record<string, unknown>, { quirks, dropParams, onDrop }: EncodeRequestOptions): void {
  for (const param of quirks.unsupportedParams ?? []) {
    const member = responsesParam(param);
    if (body[member] !== undefined && member !== 'user') {
      if (!dropParams) throw unsupportedParameter(member);
      onDrop?.(member);
    }
    delete body[member];
  }
}
