import { litellmParamKind } from '../keys/litellm-params.ts';
import { environmentName } from '../secret-ref.ts';
import { isSealed } from './sealing.ts';

type Params = Readonly<Record<string, unknown>>;
/** A text of `litellm_params` and where it stands: `litellm_params.extra_headers.x-key`. */
type MapText = (text: string, place: string) => unknown;

/** Names of which every value is a secret, in `litellm_params` and below. */
const SECRET_NAME =
  /(?:^|[_-])(?:api_?key|apikey|key|token|secret|passw(?:or)?d|credentials?|auth|authorization|cookie|bearer|jwt|signature)(?:$|[_-](?!cost|per))/i;
/** Headers are mostly there to authenticate. */
const SECRET_FAMILIES = new Set(['extra_headers', 'headers', 'provider_specific_header']);
const ADDRESS = /^[a-z][a-z0-9+.-]*:\/\//i;

/** `litellm_params` with everything secret replaced by what `map` makes of it: `undefined` leaves it out. References to the environment stay. */
export function mapSecrets(params: Params, map: MapText): Record<string, unknown> {
  const replaced = Object.entries(params).map(([name, value]) => {
    const isSecret = isSecretParam(name);
    return [name, mapTexts(value, { place: `litellm_params.${name}`, isSecret }, map)] as const;
  });
  return Object.fromEntries(replaced.filter(([, value]) => value !== undefined));
}

/** The same for what is sealed already. */
export function mapSealed(params: Params, map: MapText): Record<string, unknown> {
  return mapSecrets(params, (text, place) => (isSealed(text) ? map(text, place) : text));
}

/** At the top the names are known: `max_tokens` and `cache_read_input_token_cost` are none, whatever they look like. */
function isSecretParam(name: string): boolean {
  if (SECRET_FAMILIES.has(name)) return true;
  const kind = litellmParamKind(name);
  if (name === 'api_key' || name === 'organization') return name === 'api_key';
  return (kind === undefined || kind === 'setting' || kind === 'ignored') && SECRET_NAME.test(name);
}

interface Around {
  readonly place: string;
  readonly isSecret: boolean;
}

function mapTexts(value: unknown, { place, isSecret }: Around, map: MapText): unknown {
  if (Array.isArray(value)) return value.map((item, index) => mapTexts(item, { place: `${place}[${index}]`, isSecret }, map));
  if (typeof value === 'object' && value !== null) {
    const fields = Object.entries(value).map(([name, field]) => {
      return [name, mapTexts(field, { place: `${place}.${name}`, isSecret: isSecret || SECRET_NAME.test(name) }, map)] as const;
    });
    return Object.fromEntries(fields.filter(([, field]) => field !== undefined));
  }
  const text = typeof value === 'number' && isSecret ? String(value) : value;
  if (typeof text !== 'string' || environmentName(text) !== undefined) return value;
  return isSecret || isSealed(text) || hidesSecret(text) ? map(text, place) : value;
}

/** An address with a password or a query, which often holds a key. */
function hidesSecret(text: string): boolean {
  return ADDRESS.test(text) && /[@?]/.test(text);
}
