import { isObject, type JsonObject } from './json.ts';

/**
 * A value that fits a JSON schema, the same each time: every property filled, optional ones left out below `MAX_DEPTH` so
 * that a recursive schema ends. Knows what structured outputs and tool definitions use; `pattern` and `not` are ignored.
 */
export function sampleFromSchema(schema: JsonObject): unknown {
  return sample({ root: schema, depth: 0, name: 'value' }, schema);
}

interface Place {
  readonly root: JsonObject;
  readonly depth: number;
  /** Of the property the value is for: names say what is plausible. */
  readonly name: string;
}

const MAX_DEPTH = 5;
/** A schema whose required parts contain themselves has no finite value; it gets null here. */
const GIVE_UP_DEPTH = 40;

function sample(place: Place, declared: unknown): unknown {
  const schema = resolve(place, declared);
  if (place.depth > GIVE_UP_DEPTH) return null;
  if ('const' in schema) return schema['const'];
  for (const list of [schema['enum'], schema['examples']]) if (Array.isArray(list) && list.length > 0) return list[0];
  if ('default' in schema) return schema['default'];
  const options = schema['anyOf'] ?? schema['oneOf'];
  if (Array.isArray(options) && options.length > 0) return sample(place, chooseOption(place, options));
  return ofType(place, schema);
}

function ofType(place: Place, schema: JsonObject): unknown {
  switch (typeOf(schema)) {
    case 'object':
      return sampleObject(place, schema);
    case 'array':
      return sampleArray(place, schema);
    case 'integer':
    case 'number':
      return sampleNumber(schema);
    case 'boolean':
      return true;
    case 'null':
      return null;
    default:
      return sampleText(place, schema);
  }
}

function typeOf(schema: JsonObject): unknown {
  const type = schema['type'];
  if (Array.isArray(type)) return type.find((one) => one !== 'null') ?? 'null';
  if (type !== undefined) return type;
  if (isObject(schema['properties'])) return 'object';
  return schema['items'] === undefined ? 'string' : 'array';
}

/** Follows `$ref` into the same document and joins `allOf`. */
function resolve(place: Place, declared: unknown): JsonObject {
  let schema = isObject(declared) ? declared : {};
  for (let hops = 0; typeof schema['$ref'] === 'string' && hops < GIVE_UP_DEPTH; hops += 1) {
    const { $ref, ...beside } = schema;
    schema = { ...lookUp(place.root, $ref), ...beside };
  }
  const parts = schema['allOf'];
  return Array.isArray(parts) ? parts.map((part: unknown) => resolve(place, part)).reduce(join, schema) : schema;
}

function lookUp(root: JsonObject, ref: unknown): JsonObject {
  let found: unknown = root;
  for (const step of String(ref)
    .replace(/^#\/?/, '')
    .split('/')
    .filter((part) => part !== '')) {
    const name = step.replaceAll('~1', '/').replaceAll('~0', '~');
    found = isObject(found) ? found[name] : undefined;
  }
  return isObject(found) ? found : {};
}

function join(one: JsonObject, other: JsonObject): JsonObject {
  const properties = { ...objectOf(one['properties']), ...objectOf(other['properties']) };
  const required = [...listOf(one['required']), ...listOf(other['required'])];
  return { ...one, ...other, properties, required };
}

function objectOf(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The first one; deep down one that can't go on for ever. */
function chooseOption(place: Place, options: readonly unknown[]): unknown {
  if (place.depth <= MAX_DEPTH) return options[0];
  const isFlat = (option: unknown) => !['object', 'array'].includes(String(typeOf(resolve(place, option))));
  return options.find(isFlat) ?? options.at(-1);
}

function sampleObject(place: Place, schema: JsonObject): JsonObject {
  const required = new Set(listOf(schema['required']));
  const wanted = Object.entries(objectOf(schema['properties'])).filter(([name]) => place.depth <= MAX_DEPTH || required.has(name));
  return Object.fromEntries(wanted.map(([name, property]) => [name, sample({ ...place, depth: place.depth + 1, name }, property)]));
}

function sampleArray(place: Place, schema: JsonObject): readonly unknown[] {
  const fixed = listOf(schema['prefixItems']).map((item) => sample({ ...place, depth: place.depth + 1 }, item));
  const min = numberOr(schema['minItems'], 0);
  const usual = place.depth > MAX_DEPTH || schema['items'] === undefined || schema['items'] === false ? 0 : 1;
  const length = Math.min(Math.max(min - fixed.length, usual), Math.max(numberOr(schema['maxItems'], Infinity) - fixed.length, 0));
  return [...fixed, ...Array.from({ length }, () => sample({ ...place, depth: place.depth + 1 }, schema['items']))];
}

function sampleNumber(schema: JsonObject): number {
  const step = numberOr(schema['multipleOf'], schema['type'] === 'number' ? 0.5 : 1);
  const above = numberOr(schema['exclusiveMinimum'], -Infinity);
  const least = Math.max(numberOr(schema['minimum'], -Infinity), above);
  const below = numberOr(schema['exclusiveMaximum'], Infinity);
  const most = Math.min(numberOr(schema['maximum'], Infinity), below);
  const start = Math.max(least, Math.min(step, most));
  let value = (start === least ? Math.ceil(start / step) : Math.floor(start / step)) * step;
  if (value <= above) value += step;
  if (value >= below) value -= step;
  return value > most || value < least ? least : value;
}

const FORMATS: Readonly<Record<string, string>> = {
  'date-time': '2026-01-31T12:00:00Z',
  date: '2026-01-31',
  time: '12:00:00Z',
  email: 'ada@example.com',
  uri: 'https://example.com/',
  url: 'https://example.com/',
  hostname: 'example.com',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  uuid: '00000000-0000-4000-8000-000000000000',
};

const PLAUSIBLE: Readonly<Record<string, string>> = {
  city: 'Paris',
  location: 'Paris, France',
  country: 'France',
  name: 'Ada',
  email: 'ada@example.com',
  url: 'https://example.com/',
  date: '2026-01-31',
  path: 'README.md',
  query: 'water turbine',
  timezone: 'Europe/Paris',
};

function sampleText(place: Place, schema: JsonObject): string {
  const text = FORMATS[String(schema['format'])] ?? PLAUSIBLE[place.name] ?? `some ${place.name}`;
  return text.slice(0, numberOr(schema['maxLength'], Infinity)).padEnd(numberOr(schema['minLength'], 0), 'x');
}

function numberOr(value: unknown, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise;
}
