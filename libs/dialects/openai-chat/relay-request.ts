import type { DialectQuirks, ExchangeInput } from '../exchange.ts';
import { isRecord, textOf } from '../json/record.ts';
import { viewObject, type JsonObjectView } from '../json/splice-members.ts';
import { applicableDefaults } from './default-params.ts';
import { isGatewayField } from './gateway-fields.ts';
import { asksNothing } from './openai-only-fields.ts';
import { relayMessages } from './relay-messages.ts';
import { relayTools } from './relay-tools.ts';
import { thinkingFields, unsupportedBy } from './thinking-format.ts';
import { unsupportedParameter } from './unsupported-parameter.ts';

type Edits = Map<string, string | Uint8Array | undefined>;

export interface RelayedRequest {
  readonly body: Uint8Array;
  /** The gateway asked for usage and the client did not: the usage chunk is not for the client. */
  readonly hidesUsage: boolean;
  /** What was left out because the provider can't take it. */
  readonly dropped: readonly string[];
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
  const dropped = refuseUnsupported(view, edits, input);
  editThinking(view, edits, input.quirks);
  renameParams(view, edits, input.quirks);
  editMessages(view, edits, input.quirks);
  const n = view.has('n') ? view.value('n') : 1;
  return { body: view.splice(edits), hidesUsage, dropped, choices: typeof n === 'number' && n > 1 ? n : 1 };
}

/** Inside `metadata`, tags and all that is no string is the gateway's: OpenAI refuses a request for it. */
export function editMetadata(view: JsonObjectView, edits: Edits): void {
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

/** Returns the names of what was dropped. */
function refuseUnsupported(view: JsonObjectView, edits: Edits, input: ExchangeInput): string[] {
  const dropsParams = input.dropParams || view.value('drop_params') === true;
  const dropped: string[] = [];
  for (const field of unsupportedBy(input.quirks)) {
    const isSet = edits.has(field) ? edits.get(field) !== undefined : view.has(field);
    if (!isSet) continue;
    if (!asksNothing(field, valueAfter(view, edits, field))) {
      if (!dropsParams) throw unsupportedParameter(field);
      dropped.push(field);
    }
    edits.set(field, undefined);
  }
  return dropped;
}

/** `reasoning_effort` in the host's own words, where the client did not use them itself. */
function editThinking(view: JsonObjectView, edits: Edits, quirks: DialectQuirks): void {
  if (quirks.thinkingFormat === undefined || quirks.thinkingFormat === 'effort') return;
  const effort = edits.has('reasoning_effort') || view.has('reasoning_effort') ? valueAfter(view, edits, 'reasoning_effort') : undefined;
  if (typeof effort !== 'string') return;
  edits.set('reasoning_effort', undefined);
  for (const [field, value] of Object.entries(thinkingFields({ effort, budget: undefined }, quirks))) {
    if (field === 'reasoning_effort' || !view.has(field)) edits.set(field, JSON.stringify(value));
  }
}

function renameParams(view: JsonObjectView, edits: Edits, { renamedParams }: DialectQuirks): void {
  for (const [from, to] of Object.entries(renamedParams ?? {})) {
    const value = edits.has(from) ? edits.get(from) : view.raw(from);
    if (value === undefined) continue;
    if (!view.has(to) && !edits.has(to)) edits.set(to, value);
    edits.set(from, undefined);
  }
}

function editMessages(view: JsonObjectView, edits: Edits, quirks: DialectQuirks): void {
  const messages = view.raw('messages');
  const edited = messages === undefined ? undefined : relayMessages(messages, quirks);
  if (edited !== undefined) edits.set('messages', edited);
  const tools = view.raw('tools');
  const editedTools = tools === undefined || edits.has('tools') ? undefined : relayTools(tools, quirks);
  if (editedTools !== undefined) edits.set('tools', editedTools);
}

function valueAfter(view: JsonObjectView, edits: Edits, field: string): unknown {
  const edit = edits.get(field);
  return edit === undefined ? view.value(field) : (JSON.parse(typeof edit === 'string' ? edit : textOf(edit)) as unknown);
}
