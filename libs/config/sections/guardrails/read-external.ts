import type { Reading } from '../../reading.ts';
import {
  AMAZON_GUARDRAILS,
  EXTERNAL_SERVICES,
  type ExternalRule,
  type ExternalService,
  type GuardrailAction,
} from '../../settings/guardrail-settings.ts';
import type { SourceNode } from '../../source/source-node.ts';
import { readSecret, readText, readTimeoutMs } from '../../values.ts';
import { readEntries } from '../read-section.ts';
import { readAction } from './read-entities.ts';
import type { RuleSource } from './read-rule.ts';

const DEFAULT_TIMEOUT_MS = 5_000;

/** Where a service is asked, below the base that the configuration names or the service's own. */
const PLACES: Readonly<Record<ExternalService, { readonly base?: string; readonly path: string }>> = {
  openai_moderation: { base: 'https://api.openai.com/v1', path: '/moderations' },
  presidio: { path: '/analyze' },
  [AMAZON_GUARDRAILS]: { path: '' },
  lakera_v2: { base: 'https://api.lakera.ai', path: '/v2/guard' },
  generic_guardrail_api: { path: '/beta/litellm_basic_guardrail_api' },
};

export function readExternal(source: RuleSource, reading: Reading): ExternalRule | undefined {
  const { name, params } = source;
  const service = EXTERNAL_SERVICES.find((known) => known === readText(params.get('guardrail'), reading));
  if (service === undefined) return undefined;
  const url = readUrl(service, source, reading);
  const anonymizer = params.get('presidio_anonymizer_api_base');
  if (url === undefined) return undefined;
  return {
    kind: 'external',
    service,
    url,
    anonymizerUrl: anonymizer === undefined ? undefined : below(anonymizer, '/anonymize', reading),
    apiKey: readSecret(params.get('api_key'), `the guardrail ${name}`, reading),
    timeoutMs: readTimeoutMs(params.get('timeout'), reading) ?? DEFAULT_TIMEOUT_MS,
    headers: readTexts(params.get('headers'), reading),
    options: readOptions(source, reading),
    entities: readServiceEntities(params.get('pii_entities_config'), reading),
    aws: readAws(source, reading),
  };
}

function readUrl(service: ExternalService, { node, params }: RuleSource, reading: Reading): string | undefined {
  const { base, path } = PLACES[service];
  if (service === AMAZON_GUARDRAILS) return readBedrockUrl({ node, params }, reading);
  const own = params.get(service === 'presidio' ? 'presidio_analyzer_api_base' : 'api_base') ?? params.get('api_base');
  if (own !== undefined) return below(own, path, reading);
  if (base !== undefined) return base + path;
  reading.problem(node, 'this guardrail needs the address of its service', {
    suggestion: service === 'presidio' ? 'add presidio_analyzer_api_base' : 'add api_base',
  });
  return undefined;
}

function readBedrockUrl({ node, params }: Pick<RuleSource, 'node' | 'params'>, reading: Reading): string | undefined {
  const id = readText(params.get('guardrailIdentifier'), reading);
  if (id === undefined) {
    reading.problem(node, 'a Bedrock guardrail needs its identifier', { suggestion: 'add guardrailIdentifier and guardrailVersion' });
    return undefined;
  }
  const version = readText(params.get('guardrailVersion'), reading) ?? 'DRAFT';
  const path = `/guardrail/${encodeURIComponent(id)}/version/${encodeURIComponent(version)}/apply`;
  const own = params.get('api_base');
  if (own !== undefined) return below(own, path, reading);
  return `https://bedrock-runtime.${readText(params.get('aws_region_name'), reading) ?? 'us-east-1'}.amazonaws.com${path}`;
}

function below(node: SourceNode, path: string, reading: Reading): string | undefined {
  const base = readText(node, reading);
  if (base === undefined) return undefined;
  if (!URL.canParse(base) || !/^https?:/.test(base)) {
    reading.problem(node, 'is no address of a service', { suggestion: 'an address such as https://guard.example.com' });
    return undefined;
  }
  const trimmed = base.replace(/\/+$/, '');
  return trimmed.endsWith(path) ? trimmed : trimmed + path;
}

const OPTIONS = ['model', 'project_id', 'presidio_language', 'aws_region_name'] as const;

function readOptions({ params }: RuleSource, reading: Reading): Readonly<Record<string, string>> {
  const named = OPTIONS.flatMap((option): [string, string][] => {
    const value = readText(params.get(option), reading);
    return value === undefined ? [] : [[option, value]];
  });
  return Object.fromEntries([...named, ...Object.entries(readTexts(params.get('additional_provider_specific_params'), reading))]);
}

function readTexts(node: SourceNode | undefined, reading: Reading): Readonly<Record<string, string>> {
  if (node === undefined) return {};
  return Object.fromEntries(
    readEntries(node, reading).map(({ key, value }) => [key, value.kind === 'text' ? (readText(value, reading) ?? '') : value.text]),
  );
}

/** Presidio knows more entities than we do: their names are its own. */
function readServiceEntities(node: SourceNode | undefined, reading: Reading): Readonly<Record<string, GuardrailAction>> | undefined {
  if (node === undefined) return undefined;
  return Object.fromEntries(readEntries(node, reading).map(({ key, value }) => [key, readAction(value, reading) ?? 'mask']));
}

function readAws({ name, params }: RuleSource, reading: Reading): ExternalRule['aws'] {
  const secret = (key: string) => readSecret(params.get(key), `the guardrail ${name}`, reading);
  const [accessKeyId, secretAccessKey] = [secret('aws_access_key_id'), secret('aws_secret_access_key')];
  return accessKeyId === undefined || secretAccessKey === undefined
    ? undefined
    : { accessKeyId, secretAccessKey, sessionToken: secret('aws_session_token') };
}
