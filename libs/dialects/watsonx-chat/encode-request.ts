import type { ConversationRequest } from '../conversation/request.ts';
import type { EncodeRequestOptions } from '../dialect-codec.ts';
import type { DialectQuirks } from '../exchange.ts';
import { isRecord, type JsonRecord } from '../json/record.ts';
import { encodeRequest as encodeOpenaiRequest } from '../openai-chat/encode-request.ts';
import { refuseFiles } from '../openai-chat/refuse-files.ts';

const DEPLOYMENT = 'deployment/';
/** A deployment brings them along, and refuses a request that names them. */
const OF_THE_DEPLOYMENT = ['model_id', 'project_id', 'space_id'] as const;

/** The id in `deployment/<id>`. */
export function deploymentOf(model: string): string | undefined {
  return model.startsWith(DEPLOYMENT) ? model.slice(DEPLOYMENT.length) : undefined;
}

/**
 * A conversation as a chat request. `project_id` or `space_id` comes from the deployment's settings or the client, as `time_limit` and
 * `guided_json` do. Throws `GatewayError` `unsupported_parameter`, and `invalid_request` for documents.
 */
export function encodeRequest(request: ConversationRequest, options: EncodeRequestOptions): JsonRecord {
  const {
    model,
    stream: _path,
    tool_choice: choice,
    ...body
  } = encodeOpenaiRequest(request, { ...options, quirks: quirksOf(options.quirks) });
  refuseFiles(body['messages']);
  const named: Record<string, unknown> = { ...body, model_id: model, ...encodeToolChoice(choice) };
  if (deploymentOf(options.upstreamModel) !== undefined) for (const field of OF_THE_DEPLOYMENT) delete named[field];
  return named;
}

/** A mode and a tool by its name are two fields, of which one may be there. */
function encodeToolChoice(choice: unknown): JsonRecord {
  if (choice === undefined) return {};
  return isRecord(choice) ? { tool_choice: choice } : { tool_choice_option: choice };
}

function quirksOf(quirks: DialectQuirks): DialectQuirks {
  return {
    ...quirks,
    maxTokensField: quirks.maxTokensField ?? 'max_tokens',
    streamUsage: false,
    strictTools: false,
    unsupportedParams: [...(quirks.unsupportedParams ?? []), 'user'],
  };
}
