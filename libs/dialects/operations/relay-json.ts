import type { ExchangeInput } from '../exchange.ts';
import { viewObject, type JsonObjectView } from '../json/splice-members.ts';
import { applicableDefaults } from '../openai-chat/default-params.ts';
import { isGatewayField } from '../openai-chat/gateway-fields.ts';
import { unsupportedParameter } from '../openai-chat/unsupported-parameter.ts';

type Edits = Map<string, string | Uint8Array | undefined>;

export interface RelayedJson {
  readonly body: Uint8Array;
  /** The client's own request. */
  readonly view: JsonObjectView;
  readonly dropped: readonly string[];
}

/**
 * A client's body for a provider of the same format: spliced, so that unknown fields pass as they were written. `metadata` is
 * LiteLLM's here, not a provider's: these operations have none. Throws `unsupported_parameter`.
 */
export function relayJson(input: ExchangeInput, changes: Readonly<Record<string, unknown>> = {}): RelayedJson {
  const view = viewObject(input.body);
  const edits: Edits = new Map([['model', JSON.stringify(input.upstreamModel)]]);
  for (const [field, value] of applicableDefaults((name) => view.has(name), input.defaultParams)) edits.set(field, JSON.stringify(value));
  for (const field of view.keys()) if (isGatewayField(field) || field === 'metadata') edits.set(field, undefined);
  for (const [field, value] of Object.entries(changes)) edits.set(field, value === undefined ? undefined : JSON.stringify(value));
  const dropped = refuseUnsupported(view, edits, input);
  renameFields(view, edits, input);
  return { body: view.splice(edits), view, dropped };
}

function refuseUnsupported(view: JsonObjectView, edits: Edits, input: ExchangeInput): string[] {
  const dropped: string[] = [];
  for (const field of input.quirks.unsupportedParams ?? []) {
    const isSet = edits.has(field) ? edits.get(field) !== undefined : view.has(field);
    if (!isSet) continue;
    if (!input.dropParams && view.value('drop_params') !== true) throw unsupportedParameter(field);
    edits.set(field, undefined);
    dropped.push(field);
  }
  return dropped;
}

function renameFields(view: JsonObjectView, edits: Edits, input: ExchangeInput): void {
  for (const [from, to] of Object.entries(input.quirks.operationFields?.[input.clientDialect] ?? {})) {
    const value = edits.has(from) ? edits.get(from) : view.raw(from);
    if (value === undefined) continue;
    if (!view.has(to)) edits.set(to, value);
    edits.set(from, undefined);
  }
}
