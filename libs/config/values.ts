import type { SecretRef } from './secret-ref.ts';
import { placeText, type Reading } from './reading.ts';
import { environmentName, toSecretRef } from './secret-ref.ts';
import { maskLine } from './source/mask-line.ts';
import type { SourceKind, SourceNode } from './source/source-node.ts';

/**
 * Readers of single values. Each returns undefined for a missing or empty value and, after noting the problem, for a wrong one.
 * A text `os.environ/NAME` stands for the variable's text.
 */
export function readText(node: SourceNode | undefined, reading: Reading): string | undefined {
  if (node === undefined || node.kind === 'null') return undefined;
  if (node.kind !== 'text') {
    wrongKind(node, 'a text', reading, node.kind === 'number' || node.kind === 'boolean' ? `put it in quotes: "${node.text}"` : undefined);
    return undefined;
  }
  return resolveText(node, reading);
}

export interface NumberRange {
  readonly min: number;
  readonly max?: number | undefined;
  readonly integer?: boolean;
  /** What the number counts, for the message: `seconds`, `requests per minute`. */
  readonly unit: string;
}

export function readNumber(node: SourceNode | undefined, range: NumberRange, reading: Reading): number | undefined {
  if (node === undefined || node.kind === 'null') return undefined;
  const text = node.kind === 'text' || node.kind === 'number' ? resolveText(node, reading) : node.text;
  if (text === undefined) return undefined;
  const value = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text) ? Number(text) : Number.NaN;
  const fits =
    Number.isFinite(value) &&
    value >= range.min &&
    value <= (range.max ?? Infinity) &&
    (range.integer !== true || Number.isSafeInteger(value));
  if (fits) return value;
  const bounds = range.max === undefined ? `${range.min} or more` : `${range.min} to ${range.max}`;
  const expected = `${range.integer === true ? 'a whole number' : 'a number'} of ${range.unit}, ${bounds}`;
  wrongKind(node, expected, reading);
  return undefined;
}

/** Seconds, as LiteLLM counts, in milliseconds, as we do. */
export function readSecondsAsMs(node: SourceNode | undefined, reading: Reading): number | undefined {
  const seconds = readNumber(node, { min: 0, unit: 'seconds' }, reading);
  return seconds === undefined ? undefined : Math.round(seconds * 1_000);
}

/** The same for a time-out, where 0 (which would fail every request) stands for none. */
export function readTimeoutMs(node: SourceNode | undefined, reading: Reading): number | undefined {
  const timeoutMs = readSecondsAsMs(node, reading);
  return timeoutMs === 0 ? undefined : timeoutMs;
}

const TRUE = new Set(['true', 'yes', 'on', '1']);
const FALSE = new Set(['false', 'no', 'off', '0']);

/** Also takes `yes`, `on`, `"true"`: LiteLLM reads YAML 1.1, where these are booleans. */
export function readBoolean(node: SourceNode | undefined, reading: Reading): boolean | undefined {
  if (node === undefined || node.kind === 'null') return undefined;
  const text = (node.kind === 'text' ? resolveText(node, reading) : node.text)?.toLowerCase();
  if (text === undefined) return undefined;
  if (TRUE.has(text)) return true;
  if (FALSE.has(text)) return false;
  wrongKind(node, 'true or false', reading);
  return undefined;
}

/** A list of texts; a single text counts as a list of one. */
export function readTextList(node: SourceNode | undefined, reading: Reading): readonly string[] | undefined {
  if (node === undefined || node.kind === 'null') return undefined;
  const nodes = node.kind === 'text' ? [node] : node.items();
  if (node.kind !== 'list' && node.kind !== 'text') {
    wrongKind(node, 'a list of texts', reading);
    return undefined;
  }
  return nodes.map((item) => readText(item, reading)).filter((item) => item !== undefined);
}

/**
 * A value that may be a secret. It is not resolved here; a variable that is not set is a warning that names `owner`, since the
 * process that reads the file need not be the one that uses the secret. The value itself is never shown.
 */
export function readSecret(node: SourceNode | undefined, owner: string, reading: Reading): SecretRef | undefined {
  if (node === undefined || node.kind === 'null') return undefined;
  if (node.kind === 'map' || node.kind === 'list') {
    reading.problem(node, `must be a text, is ${KIND_NAMES[node.kind]}`, { hideValue: true });
    return undefined;
  }
  const ref = toSecretRef(node.text.trim());
  if ('env' in ref) {
    if (!checkEnvironmentName(node, ref.env, reading)) return undefined;
    if ((reading.env[ref.env] ?? '') === '') {
      reading.warn(
        `${owner} ${ref.env}`,
        `${placeText(node)}: ${owner}: ${node.path} names the environment variable ${ref.env}, which is not set`,
      );
    }
    return ref;
  }
  if ('sealed' in ref) return ref;
  checkForeignReference(node, ref.literal, reading);
  return ref.literal === '' ? undefined : ref;
}

/** A map's `os.environ/NAME` texts resolved at any depth, for values that are handed on as they are. */
export function readPlain(node: SourceNode, reading: Reading): unknown {
  return resolveDeep(node.plain(), node, reading);
}

function resolveDeep(value: unknown, node: SourceNode, reading: Reading): unknown {
  if (typeof value === 'string') return resolveReference(value, node, reading);
  if (Array.isArray(value)) return value.map((item) => resolveDeep(item, node, reading));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolveDeep(item, node, reading)]));
}

function resolveText(node: SourceNode, reading: Reading): string | undefined {
  return resolveReference(node.text, node, reading);
}

function resolveReference(text: string, node: SourceNode, reading: Reading): string | undefined {
  const name = environmentName(text);
  if (name === undefined) return text;
  if (!checkEnvironmentName(node, name, reading)) return undefined;
  const value = reading.env[name];
  if (value === undefined || value === '') {
    reading.problem(node, `names the environment variable ${name}, which is not set`, {
      suggestion: `set ${name}, or write the value here`,
    });
    return undefined;
  }
  return value;
}

function checkEnvironmentName(node: SourceNode, name: string, reading: Reading): boolean {
  if (/^[A-Za-z_]\w*$/.test(name)) return true;
  reading.problem(node, 'os.environ/ must be followed by the name of an environment variable', {
    suggestion: 'for example os.environ/OPENAI_API_KEY',
    hideValue: true,
  });
  return false;
}

/** Ways to name a variable that other tools have and this file does not: sent as they are, they would be a wrong key. */
function checkForeignReference(node: SourceNode, text: string, reading: Reading): void {
  const name = /^(?:\$\{?|os\.environ[.[("']*|env[:/.])([A-Za-z_]\w*)["')\]}]*$/.exec(text)?.[1];
  if (name === undefined) return;
  reading.problem(node, 'is not how this file names an environment variable', { suggestion: `write os.environ/${name}`, hideValue: true });
}

const KIND_NAMES: Readonly<Record<SourceKind, string>> = {
  map: 'a mapping',
  list: 'a list',
  text: 'a text',
  number: 'a number',
  boolean: 'true or false',
  null: 'empty',
};

/** Notes that a value has the wrong type or range, with the value where it is short. */
export function wrongKind(node: SourceNode, expected: string, reading: Reading, suggestion?: string): void {
  const scalar = node.kind !== 'map' && node.kind !== 'list';
  const shown = scalar && node.text !== '' && node.text.length <= 40 ? `"${maskLine(node.text)}"` : KIND_NAMES[node.kind];
  reading.problem(node, `must be ${expected}, is ${shown}`, { suggestion });
}
