import { closestKey } from '../../keys/closest-key.ts';
import type { Reading } from '../../reading.ts';
import { EXTERNAL_SERVICES, type GuardrailRule } from '../../settings/guardrail-settings.ts';
import type { SourceNode } from '../../source/source-node.ts';
import { readBoolean, readNumber, readPlain, readText, readTextList, wrongKind } from '../../values.ts';
import type { Fields } from '../read-section.ts';
import { readAction, readEntities } from './read-entities.ts';
import { readExternal } from './read-external.ts';
import { readTools } from './read-tools.ts';
import { readWords } from './read-words.ts';

export interface RuleSource {
  readonly name: string;
  /** `litellm_params`, for problems that have no place of their own. */
  readonly node: SourceNode;
  readonly params: Fields;
}

type Read = (source: RuleSource, reading: Reading) => GuardrailRule | undefined;

/** What may stand under `guardrail`: ours, and LiteLLM's names for the same. */
const KINDS: Readonly<Record<string, Read>> = {
  pii: ({ params }, reading) => ({
    kind: 'pii',
    entities: readEntities(params, reading) ?? {},
    phoneRegions: readRegions(params.get('phone_regions'), reading),
  }),
  secrets: readSecrets,
  'hide-secrets': readSecrets,
  words: readWords,
  litellm_content_filter: readWords,
  prompt_injection: ({ params }, reading) => ({
    kind: 'prompt_injection',
    threshold: readNumber(params.get('threshold'), { min: 0.01, unit: 'points (1 is the most)' }, reading) ?? 0.5,
  }),
  limits: readLimits,
  tool_permission: readTools,
  json_schema: readSchema,
  ...Object.fromEntries(EXTERNAL_SERVICES.map((service): [string, Read] => [service, readExternal])),
};

export function readRule(source: RuleSource, reading: Reading): GuardrailRule | undefined {
  const node = source.params.get('guardrail');
  const kind = readText(node, reading);
  if (node === undefined || kind === undefined) {
    reading.problem(source.node, 'a guardrail needs to say what it is', {
      suggestion: `"guardrail: " and one of ${Object.keys(KINDS).join(', ')}`,
    });
    return undefined;
  }
  const read = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
  if (read !== undefined) return read(source, reading);
  const near = closestKey(kind, Object.keys(KINDS));
  reading.problem(node, `there is no guardrail called "${kind.slice(0, 40)}" here`, {
    suggestion: near === undefined ? `choose one of ${Object.keys(KINDS).join(', ')}` : `did you mean "${near}"?`,
  });
  return undefined;
}

function readSecrets({ params }: RuleSource, reading: Reading): GuardrailRule {
  return { kind: 'secrets', action: readAction(params.get('action'), reading) ?? 'mask' };
}

function readLimits({ node, params }: RuleSource, reading: Reading): GuardrailRule {
  const maxChars = readNumber(params.get('max_chars'), { min: 1, integer: true, unit: 'characters' }, reading);
  const maxMessages = readNumber(params.get('max_messages'), { min: 1, integer: true, unit: 'messages' }, reading);
  const languages = readTextList(params.get('languages'), reading);
  const wrong = languages?.find((language) => !/^[a-z]{2}$/.test(language));
  if (wrong !== undefined)
    reading.problem(params.get('languages') ?? node, `"${wrong}" is no code of a language`, {
      suggestion: 'two letters as in ISO 639-1: en, de, fr',
    });
  if (maxChars === undefined && maxMessages === undefined && languages === undefined) {
    reading.problem(node, 'this guardrail limits nothing', { suggestion: 'add max_chars, max_messages or languages' });
  }
  return { kind: 'limits', maxChars, maxMessages, languages };
}

function readSchema({ params }: RuleSource, reading: Reading): GuardrailRule {
  const node = params.get('schema');
  const plain = node === undefined ? undefined : readPlain(node, reading);
  const schema = isMapping(plain) ? plain : undefined;
  if (node !== undefined && schema === undefined) wrongKind(node, 'a JSON schema, as a mapping', reading);
  return { kind: 'json_schema', schema, repair: readBoolean(params.get('repair'), reading) ?? true };
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function readRegions(node: SourceNode | undefined, reading: Reading): readonly string[] {
  const regions = readTextList(node, reading) ?? ['US'];
  const wrong = regions.find((region) => !/^[A-Z]{2}$/.test(region));
  if (node !== undefined && wrong !== undefined) {
    reading.problem(node, `"${wrong}" is no code of a country`, { suggestion: 'two capital letters as in ISO 3166: US, GB, DE' });
  }
  return regions;
}
