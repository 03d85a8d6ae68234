import { isRecord, type JsonRecord } from '../json/record.ts';
import { camelCase } from './camel-case.ts';

/** Members of `generationConfig` (https://ai.google.dev/api/generate-content#generationconfig) that OpenAI's format has no name for. */
const CONFIG_FIELDS: ReadonlySet<string> = new Set([
  'audioTimestamp',
  'audioTranscriptionConfig',
  'enableAffectiveDialog',
  'enableEnhancedCivicAnswers',
  'imageConfig',
  'mediaResolution',
  'modelSelectionConfig',
  'responseLogprobs',
  'responseMimeType',
  'responseModalities',
  'responseJsonSchema',
  'responseSchema',
  'routingConfig',
  'speechConfig',
  'thinkingConfig',
  'translationConfig',
]);

export interface SplitExtra {
  readonly config: JsonRecord;
  readonly body: JsonRecord;
}

/**
 * A client's further fields, each where Google has it. Their names may be in snake case, as in Google's Python SDK; fields that
 * are known to neither reach the provider as they are.
 */
export function splitExtra(extra: JsonRecord): SplitExtra {
  const config: Record<string, unknown> = {};
  const body: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(extra)) {
    const field = camelCase(name);
    if (field === 'generationConfig' && isRecord(value)) Object.assign(config, value);
    else if (CONFIG_FIELDS.has(field)) config[field] = value;
    // met with the gateway's own choice of functions
    else body[field === 'toolConfig' ? field : name] = value;
  }
  return { config, body };
}
