import type { ExchangeInput } from '../exchange.ts';
import { isRecord, textOf } from '../json/record.ts';
import { viewObject, type JsonObjectView } from '../json/splice-members.ts';
import { applicableDefaults } from './default-params.ts';
import { isGatewayField } from './gateway-fields.ts';
import { asksNothing } from './openai-only-fields.ts';
import { unsupportedParameter } from './unsupported-parameter.ts';

type Edits = Map<string, string | Uint8Array | undefined>;

export interface RelayedRequest {
  readonly body: Uint8Array;
  /** The gateway asked for usage and the client did not: the usage chunk is not for the client. */
  readonly hidesUsage: boolean;
  /** `n` of the request: how many choices a whole stream must finish. */
  readonly choices: number;
}

/**
 * The client's body for a provider of the same dialect: spliced, never re-encoded, so that unknown fields, large numbers and
 * formatting arrive as they were written. Throws `GatewayError` `unsupported_parameter`.
 */
export function relayRequest(input: ExchangeInput): RelayedRequest {
  const view = viewObject(input.body);
  const edits: Edits = new Map([['model', JSON.stringify(input.upstreamModel)]]);
  for (const [field, value] of applicableDefaults((name) => view.has(name), input.defaultParams)) edits.set(field, JSON.stringify(value));
  for (const field of view.keys()) if (isGatewayField(field)) edits.set(field, undefined);
  editMetadata(view, edits);
  renameTokenLimit(view, edits, input.quirks.maxTokensField);
  const hidesUsage = editStreamOptions(view, edits, input);
  refuseUnsupported(view, edits, input);
  const n = view.has('n') ? view.value('n') : 1;
  return { body: view.splice(edits), hidesUsage, choices: typeof n === 'number' && n > 1 ? n : 1 };
}

/** Inside `metadata`, tags and all that is no string is the gateway's: OpenAI refuses a request for it. */
function editMetadata(view: JsonObjectView, edits: Edits): void {
  const raw = view.raw('metadata');
  const metadata = view.value('metadata');
  if (raw === undefined || !isRecord(metadata)) return;
  const ours = Object.keys(metadata).filter((key) => key === 'tags' || typeof metadata[key] !== 'string');
  if (ours.length === 0) return;
  const isEmpty = ours.length === Object.keys(metadata).length;
  edits.set('metadata', isEmpty ? undefined : viewObject(raw).splice(new Map(ours.map((key) => [key, undefined]))));
}

function renameTokenLimit(view: JsonObjectView, edits: Edits, field: 'max_tokens' | 'max_completion_tokens' | undefined): void {
  if (field === undefined) return;
  const other = field === 'max_tokens' ? 'max_completion_tokens' : 'max_tokens';
  const value = edits.get(other) ?? view.raw(other);
  if (value === undefined) return;
  if (!view.has(field) && !edits.has(field)) edits.set(field, value);
  edits.set(other, undefined);
}

/** Streams always carry usage, for the ledger. Returns whether it must be kept from the client. */
function editStreamOptions(view: JsonObjectView, edits: Edits, input: ExchangeInput): boolean {
  if (!input.stream) return false;
  if (input.quirks.streamUsage === false) {
    // such a host refuses the field and states usage unasked
    edits.set('stream_options', undefined);
    return false;
  }
  const raw = view.raw('stream_options');
  const options = view.value('stream_options');
  if (raw === undefined || !isRecord(options)) {
    edits.set('stream_options', '{"include_usage":true}');
    return true;
  }
  if (options['include_usage'] === true) return false;
  edits.set('stream_options', viewObject(raw).splice(new Map([['include_usage', 'true']])));
  return true;
}

function refuseUnsupported(view: JsonObjectView, edits: Edits, input: ExchangeInput): void {
  const dropsParams = input.dropParams || view.value('drop_params') === true;
  for (const field of input.quirks.unsupportedParams ?? []) {
    const isSet = edits.has(field) ? edits.get(field) !== undefined : view.has(field);
    if (!isSet) continue;
    if (!dropsParams && !asksNothing(field, valueAfter(view, edits, field))) throw unsupportedParameter(field);
    edits.set(field, undefined);
  }
}

function valueAfter(view: JsonObjectView, edits: Edits, field: string): unknown {
  const edit = edits.get(field);
  return edit === undefined ? view.value(field) : (JSON.parse(typeof edit === 'string' ? edit : textOf(edit)) as unknown);
}
