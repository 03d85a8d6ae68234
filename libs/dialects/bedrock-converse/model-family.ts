import type { OptionalParam } from '../dialect-codec.ts';

/** Who made the model: what Converse does not say the same way for all of them goes by it. */
export type ModelFamily = 'claude' | 'nova' | 'gpt-oss' | 'mistral-ai' | 'other';

/** Ids are `[<region>.]<maker>.<model>`; an ARN ends in one. */
const MAKERS: readonly (readonly [RegExp, ModelFamily])[] = [
  [/(?:^|\.)anthropic\./, 'claude'],
  [/(?:^|\.)amazon\.nova/, 'nova'],
  [/(?:^|\.)openai\./, 'gpt-oss'],
  [/(?:^|\.)mistral\./, 'mistral-ai'],
  [/(?:^|\.)[a-z0-9-]+\.[a-z]/, 'other'],
];

/**
 * The ARN of an application inference profile or a provisioned model names nobody: it is taken for Claude, which most of them are
 * made for. A wrong guess is answered by Bedrock with a validation error.
 */
export function familyOf(model: string): ModelFamily {
  const name = nameOf(model);
  return MAKERS.find(([pattern]) => pattern.test(name))?.[1] ?? 'claude';
}

function nameOf(model: string): string {
  return model.slice(model.lastIndexOf('/') + 1);
}

const EFFORT_ONLY: readonly OptionalParam[] = ['parallelToolCalls', 'reasoningBudget'];
const CANNOT: Readonly<Record<ModelFamily, readonly OptionalParam[]>> = {
  claude: [],
  nova: EFFORT_ONLY,
  'gpt-oss': [...EFFORT_ONLY, 'topK'],
  'mistral-ai': [...EFFORT_ONLY, 'reasoningEffort'],
  other: [...EFFORT_ONLY, 'reasoningEffort', 'topK'],
};

/** Parameters that neither Converse nor the model's own fields have a place for. */
export function cannotOf(model: string): readonly OptionalParam[] {
  const family = familyOf(model);
  // only the second generation of Nova reasons
  return family === 'nova' && !model.includes('nova-2') ? [...CANNOT.nova, 'reasoningEffort'] : CANNOT[family];
}

/**
 * How an answer of a given JSON schema is asked for. `format`: `outputConfig.textFormat`
 * (https://docs.aws.amazon.com/bedrock/latest/userguide/structured-output.html). `tool`: by forcing the call of a tool with that schema:
 * Claude from 4.7 on refuses the format ("output_config.format: Extra inputs are not permitted"), and 4.5 and 4.6 do in some regions.
 * `words`: in the system prompt, for models that can't be forced to a tool either.
 */
export type SchemaWay = 'format' | 'tool' | 'words';

const UNFORCEABLE = /(?:^|\.)(?:meta|cohere|ai21|writer|amazon)\./;

export function schemaWayOf(model: string): SchemaWay {
  const family = familyOf(model);
  if (family === 'claude' || family === 'nova') return 'tool';
  return UNFORCEABLE.test(nameOf(model)) ? 'words' : 'format';
}

/** Schemas of tools can be enforced for Claude 4.5 and 4.6, and for the open models that take a format. */
export function takesStrictTools(model: string): boolean {
  return schemaWayOf(model) === 'format' || /claude-(?:[a-z]+-)?4-[56](?!\d)/.test(model);
}
