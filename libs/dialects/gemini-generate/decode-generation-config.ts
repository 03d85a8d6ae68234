import type { ConversationRequest, OutputFormat } from '../conversation/request.ts';
import { recordAt, type JsonRecord } from '../json/record.ts';
import { invalidField } from '../openai-chat/invalid-field.ts';
import { camelMembers } from './camel-case.ts';
import type { DroppedParams } from '../dropped-params.ts';
import { decodeSchema } from './decode-schema.ts';

type DecodedConfig = Pick<
  ConversationRequest,
  | 'maxOutputTokens'
  | 'temperature'
  | 'topP'
  | 'topK'
  | 'frequencyPenalty'
  | 'presencePenalty'
  | 'seed'
  | 'stop'
  | 'outputFormat'
  | 'reasoningEffort'
  | 'reasoningBudget'
>;

const DECODED: ReadonlySet<string> = new Set([
  'maxOutputTokens',
  'temperature',
  'topP',
  'topK',
  'frequencyPenalty',
  'presencePenalty',
  'seed',
  'stopSequences',
  'responseMimeType',
  'responseSchema',
  'responseJsonSchema',
  '_responseJsonSchema',
  'thinkingConfig',
]);
/** What no other format can say, with the values that ask for nothing. */
const ASKS_NOTHING: ReadonlyMap<string, (value: unknown) => boolean> = new Map([
  ['candidateCount', (value: unknown) => value === 1],
  ['responseLogprobs', (value: unknown) => value === false],
  ['responseModalities', (value: unknown) => Array.isArray(value) && value.every((modality) => modality === 'TEXT')],
  ['mediaResolution', (value: unknown) => value === 'MEDIA_RESOLUTION_UNSPECIFIED'],
]);

/** `generationConfig`. What is Gemini's alone is refused by its name. Throws `invalid_request`, `unsupported_parameter`. */
export function decodeGenerationConfig(sent: JsonRecord | undefined, context: DroppedParams): DecodedConfig {
  const config = sent === undefined ? {} : camelMembers(sent);
  for (const [name, value] of Object.entries(config)) {
    if (DECODED.has(name) || value === null || ASKS_NOTHING.get(name)?.(value) === true) continue;
    context.refuse(`generationConfig.${name}`);
  }
  const thinking = recordAt(config, 'thinkingConfig');
  return {
    maxOutputTokens: numberAt(config, 'maxOutputTokens'),
    temperature: numberAt(config, 'temperature'),
    topP: numberAt(config, 'topP'),
    topK: numberAt(config, 'topK'),
    frequencyPenalty: numberAt(config, 'frequencyPenalty'),
    presencePenalty: numberAt(config, 'presencePenalty'),
    seed: numberAt(config, 'seed'),
    stop: stopOf(config['stopSequences']),
    outputFormat: outputFormatOf(config, context),
    ...decodeThinking(thinking === undefined ? {} : camelMembers(thinking)),
  };
}

function numberAt(config: JsonRecord, name: string): number | undefined {
  const value = config[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'number') throw invalidField(`generationConfig.${name}`, 'must be a number');
  return value;
}

function stopOf(stop: unknown): string[] {
  if (stop === undefined || stop === null) return [];
  if (!Array.isArray(stop)) throw invalidField('generationConfig.stopSequences', 'must be an array of strings');
  return stop.map((sequence: unknown) => {
    if (typeof sequence !== 'string') throw invalidField('generationConfig.stopSequences', 'must be an array of strings');
    return sequence;
  });
}

function outputFormatOf(config: JsonRecord, context: DroppedParams): OutputFormat | undefined {
  const type = config['responseMimeType'];
  const openApi = recordAt(config, 'responseSchema');
  const schema = recordAt(config, 'responseJsonSchema') ?? recordAt(config, '_responseJsonSchema') ?? (openApi && decodeSchema(openApi));
  if (type === 'application/json') return schema === undefined ? { type: 'json' } : { type: 'json-schema', schema };
  // one bare word of a list (`text/x.enum`) is nothing that other formats know
  if (type !== undefined && type !== null && type !== 'text/plain') context.refuse('generationConfig.responseMimeType');
  return undefined;
}

/** A budget of -1 lets the model decide, as it does unasked. */
function decodeThinking(config: JsonRecord): Pick<DecodedConfig, 'reasoningEffort' | 'reasoningBudget'> {
  const budget = config['thinkingBudget'];
  const level = config['thinkingLevel'];
  if (typeof level === 'string' && level !== 'THINKING_LEVEL_UNSPECIFIED')
    return { reasoningEffort: level.toLowerCase(), reasoningBudget: undefined };
  if (budget === 0) return { reasoningEffort: 'none', reasoningBudget: undefined };
  return { reasoningEffort: undefined, reasoningBudget: typeof budget === 'number' && budget > 0 ? budget : undefined };
}
