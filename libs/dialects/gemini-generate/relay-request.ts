import type { ExchangeInput } from '../exchange.ts';
import { parseExact } from '../json/exact-json.ts';
import { isRecord, recordAt, type JsonRecord } from '../json/record.ts';
import { viewObject, type JsonObjectView } from '../json/splice-members.ts';
import { decodeRequest as decodeChatRequest } from '../openai-chat/decode-request.ts';
import { isGatewayField } from '../openai-chat/gateway-fields.ts';
import { paramsRefusedBy } from '../openai-chat/param-name.ts';
import { unsupportedParameter } from '../openai-chat/unsupported-parameter.ts';
import { camelCase } from './camel-case.ts';
import { encodeRequest } from './encode-request.ts';
import { ownContents } from './own-contents.ts';
import { paramName } from './param-name.ts';

type Edits = Map<string, string | undefined>;

export interface RelayedRequest {
  readonly body: Uint8Array;
  readonly dropped: readonly string[];
}

/** What speaks to the gateway, or is said by the address: Google refuses every field it does not know. */
const NOT_GOOGLES: ReadonlySet<string> = new Set(['model', 'stream', 'metadata', 'user']);

/**
 * The client's body for a provider of the same dialect: spliced, never re-encoded, so that unknown fields and formatting arrive
 * as they were written. Throws `GatewayError` `unsupported_parameter`.
 */
export function relayRequest(input: ExchangeInput): RelayedRequest {
  const view = viewObject(input.body);
  const edits: Edits = new Map();
  const spelt = new Map([...view.keys()].map((key) => [camelCase(key), key]));
  for (const key of view.keys()) if (isGatewayField(key) || NOT_GOOGLES.has(key)) edits.set(key, undefined);
  const defaults = defaultsOf(input);
  const dropped = editConfig({ view, edits, field: spelt.get('generationConfig') ?? 'generationConfig', defaults }, input);
  for (const [field, value] of Object.entries(defaults)) {
    if (field !== 'generationConfig' && field !== 'contents' && !spelt.has(field)) edits.set(field, JSON.stringify(value));
  }
  const contents = ownContents(view.raw('contents'));
  if (contents !== undefined) edits.set('contents', contents);
  return { body: view.splice(edits), dropped };
}

/** The deployment's defaults, which have OpenAI's names, as a request of this dialect. */
function defaultsOf({ defaultParams, upstreamModel, quirks }: ExchangeInput): JsonRecord {
  if (Object.keys(defaultParams).length === 0) return {};
  const options = { stream: false, dropParams: true, defaultParams, unsupportedParams: quirks.unsupportedParams ?? [] };
  const { request } = decodeChatRequest({ messages: [] }, options);
  return encodeRequest(request, { upstreamModel, quirks, dropParams: true });
}

interface ConfigEdit {
  readonly view: JsonObjectView;
  readonly edits: Edits;
  /** As the client spells it. */
  readonly field: string;
  readonly defaults: JsonRecord;
}

/** Returns what was left out. The object keeps its bytes unless something in it has to change. */
function editConfig({ view, edits, field, defaults: all }: ConfigEdit, input: ExchangeInput): string[] {
  const raw = view.raw(field);
  const sent = raw === undefined ? {} : parseExact(raw.toString());
  if (!isRecord(sent)) return [];
  const config = new Map(Object.entries(sent));
  const names = new Set([...config.keys()].map(camelCase));
  const dropped = dropRefused(config, view, input);
  const defaults = Object.entries(recordAt(all, 'generationConfig') ?? {}).filter(([name]) => !names.has(name));
  for (const [name, value] of defaults) config.set(name, value);
  if (dropped.length > 0 || defaults.length > 0) edits.set(field, JSON.stringify(Object.fromEntries(config)));
  return dropped;
}

function dropRefused(config: Map<string, unknown>, view: JsonObjectView, input: ExchangeInput): string[] {
  const dropParams = input.dropParams || view.value('drop_params') === true;
  const refused = new Set(paramsRefusedBy(input.quirks).map(paramName));
  const dropped: string[] = [];
  for (const name of config.keys()) {
    const param = `generationConfig.${camelCase(name)}`;
    if (!refused.has(param)) continue;
    if (!dropParams) throw unsupportedParameter(param);
    config.delete(name);
    dropped.push(param);
  }
  return dropped;
}
