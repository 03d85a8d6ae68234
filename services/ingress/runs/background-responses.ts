import type { RunClaim } from '#contracts';
import { responseId } from '#dialects';

/** OpenAI's response object of a job that is not over (https://platform.openai.com/docs/guides/background). */
export function backgroundResponse(
  claim: RunClaim,
  fields: Readonly<Record<string, unknown>>,
  status: 'queued' | 'in_progress' | 'failed' | 'cancelled' | 'incomplete' = 'queued',
): Record<string, unknown> {
  return {
    id: responseId(claim.job),
    object: 'response',
    created_at: Math.floor(claim.acceptedAt / 1000),
    status,
    background: true,
    error: null,
    incomplete_details: null,
    instructions: fields['instructions'] ?? null,
    max_output_tokens: fields['max_output_tokens'] ?? null,
    model: claim.model,
    output: [],
    parallel_tool_calls: fields['parallel_tool_calls'] ?? true,
    previous_response_id: fields['previous_response_id'] ?? null,
    store: true,
    temperature: fields['temperature'] ?? null,
    tool_choice: fields['tool_choice'] ?? 'auto',
    tools: fields['tools'] ?? [],
    top_p: fields['top_p'] ?? null,
    usage: null,
    metadata: fields['metadata'] ?? {},
  };
}
