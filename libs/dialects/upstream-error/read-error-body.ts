import { isRecord, recordAt, stringAt, textOf, type JsonRecord } from '../json/record.ts';

/** What an error body says, whichever of the known shapes it has. All fields may be missing. */
export interface UpstreamErrorBody {
  readonly message: string | undefined;
  /** `type`, `code` and `status` words of the error, lower case, most specific first. */
  readonly labels: readonly string[];
  /** A numeric `code`: the HTTP status of an error inside a 200. */
  readonly statusHint: number | undefined;
  readonly param: string | undefined;
  readonly error: JsonRecord | undefined;
  readonly kind: 'json' | 'html' | 'text' | 'empty';
}

const NOTHING = { message: undefined, labels: [], statusHint: undefined, param: undefined, error: undefined } as const;

/**
 * Reads `{"error":{message,type,code,param}}`, Anthropic's `{"type":"error","error":{…}}`, `{"error":"text"}`, a flat
 * `{"message"|"detail"|"errors":…}` with text, an object or a list in it, and any of these in an array (Google's streams). Never throws.
 */
export function readErrorBody(body: Uint8Array): UpstreamErrorBody {
  const text = textOf(body).trim();
  if (text === '') return { ...NOTHING, kind: 'empty' };
  if (text.startsWith('<')) return { ...NOTHING, kind: 'html' };
  return readErrorValue(parseAny(text)) ?? { ...NOTHING, kind: 'text' };
}

function readErrorValue(value: unknown): UpstreamErrorBody | undefined {
  const body: unknown = Array.isArray(value) ? value[0] : value;
  if (!isRecord(body)) return undefined;
  const inner = body['error'];
  const error = isRecord(inner) ? inner : body;
  const innerError = isRecord(error['innererror']) ? error['innererror'] : {};
  const listed = firstOf(error['errors']);
  const listedCode = isRecord(listed) ? listed['code'] : undefined;
  const words = [
    recordAt(error, 'details')?.['error_code'],
    innerError['code'],
    typeof listedCode === 'number' ? String(listedCode) : listedCode,
    error['code'],
    error['type'],
    error['status'],
    body['code'],
  ];
  const codes = [error['code'], error['status'], body['code'], body['status'], body['status_code']].map(Number);
  return {
    message: typeof inner === 'string' ? inner : messageOf(error),
    labels: words.filter((word) => typeof word === 'string').map((word) => word.toLowerCase()),
    statusHint: codes.find((code) => Number.isInteger(code) && code >= 400 && code <= 599),
    param: stringAt(error, 'param') ?? refusedField(error),
    error,
    kind: 'json',
  };
}

function messageOf(error: JsonRecord): string | undefined {
  for (const key of ['message', 'detail', 'error_message', 'title']) {
    const text = stringAt(error, key);
    if (text !== undefined) return text;
  }
  const first = firstOf(error['errors'] ?? error['detail']);
  if (typeof first === 'string') return first;
  if (isRecord(first)) return stringAt(first, 'message') ?? stringAt(first, 'msg');
  const inner = error['message'];
  return isRecord(inner) ? messageOf(inner) : undefined;
}

/** FastAPI's 422: `{"detail":[{"loc":["body","top_k"],"msg":…}]}`, which Mistral puts into `message`. */
function refusedField(error: JsonRecord): string | undefined {
  const first = firstOf((recordAt(error, 'message') ?? error)['detail']);
  const place = isRecord(first) ? first['loc'] : undefined;
  if (!Array.isArray(place)) return undefined;
  const field = place
    .filter((step: unknown) => step !== 'body')
    .map((step: unknown) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`))
    .join('');
  return field === '' ? undefined : field.replace(/^\./, '');
}

function firstOf(list: unknown): unknown {
  return Array.isArray(list) ? (list as readonly unknown[])[0] : undefined;
}

function parseAny(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
