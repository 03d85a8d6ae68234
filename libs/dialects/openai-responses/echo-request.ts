import { isRecord, recordAt, stringAt, type JsonRecord } from '../json/record.ts';

/** The gateway's own member of a request whose conversation it has put together: the id that the client sent. */
export const CONTINUES_FIELD = 'headrace_previous_response_id';

/** What a response object repeats of its request, with the defaults of the API (https://platform.openai.com/docs/api-reference/responses/object). */
export function echoOf(body: JsonRecord): JsonRecord {
  const reasoning = recordAt(body, 'reasoning');
  return {
    background: false,
    instructions: stringAt(body, 'instructions') ?? null,
    max_output_tokens: body['max_output_tokens'] ?? null,
    metadata: isRecord(body['metadata']) ? body['metadata'] : {},
    parallel_tool_calls: body['parallel_tool_calls'] !== false,
    previous_response_id: stringAt(body, CONTINUES_FIELD) ?? null,
    reasoning: { effort: reasoning?.['effort'] ?? null, summary: reasoning?.['summary'] ?? null },
    service_tier: stringAt(body, 'service_tier') ?? 'default',
    store: body['store'] !== false,
    temperature: body['temperature'] ?? null,
    text: { format: { type: 'text' }, ...recordAt(body, 'text') },
    tool_choice: body['tool_choice'] ?? 'auto',
    tools: Array.isArray(body['tools']) ? body['tools'] : [],
    top_p: body['top_p'] ?? null,
    truncation: stringAt(body, 'truncation') ?? 'disabled',
    ...(typeof body['user'] === 'string' ? { user: body['user'] } : {}),
  };
}
