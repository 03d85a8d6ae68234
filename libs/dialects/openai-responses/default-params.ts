import { isRecord, type JsonRecord } from '../json/record.ts';

/** A deployment's defaults and a provider's refusals are written in the words of chat completions; these have others here. */
const NAMES: Readonly<Record<string, string>> = {
  max_tokens: 'max_output_tokens',
  max_completion_tokens: 'max_output_tokens',
  reasoning_effort: 'reasoning',
  response_format: 'text',
};

/** This format's member for a parameter of chat completions. */
export function responsesParam(chatParam: string): string {
  return NAMES[chatParam] ?? chatParam;
}

/**
 * `litellm_params` defaults as members of this format, those that the client has not set. `extra_body` is spread, as SDKs do. A
 * `response_format` default has no like here (its schema is nested otherwise) and stays out.
 */
export function applicableDefaults(has: (member: string) => boolean, defaults: JsonRecord): Map<string, unknown> {
  const { extra_body: extraBody, response_format: _format, ...params } = defaults;
  const applicable = new Map<string, unknown>();
  for (const [param, value] of Object.entries({ ...params, ...(isRecord(extraBody) ? extraBody : {}) })) {
    const member = responsesParam(param);
    if (value === undefined || has(member)) continue;
    applicable.set(member, param === 'reasoning_effort' ? { effort: value } : value);
  }
  return applicable;
}
