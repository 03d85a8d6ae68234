import type { ExchangeInput } from '../exchange.ts';
import { isRecord } from '../json/record.ts';
import { viewObject, type JsonObjectView } from '../json/splice-members.ts';
import { isGatewayField } from '../openai-chat/gateway-fields.ts';
import { unsupportedParameter } from '../openai-chat/unsupported-parameter.ts';
import { isClaudeFallbacks } from './claude-only-fields.ts';
import { applicableDefaults } from './default-params.ts';
import { ownHistory } from './own-history.ts';
import { hostedBetas, hostedMembers } from './hosted-request.ts';
import type { AnthropicHosting } from './hosting.ts';

type Edits = Map<string, string | Uint8Array | undefined>;

export interface RelayedRequest {
  readonly body: Uint8Array;
  readonly dropped: readonly string[];
}

/** Members of `metadata` that speak to the gateway: Anthropic refuses whatever it does not know in there. */
const GATEWAY_METADATA: readonly string[] = ['tags', 'session_id', 'agent'];

/**
 * The client's body for a host of the same dialect: spliced, never re-encoded, so that prompt caching, betas, unknown fields and
 * formatting arrive as they were written. Throws `GatewayError` `unsupported_parameter`.
 */
export function relayRequest(input: ExchangeInput, hosting: AnthropicHosting): RelayedRequest {
  const view = viewObject(input.body);
  const edits: Edits = new Map();
  const dropped: string[] = [];
  for (const [field, value] of applicableDefaults(view, input.defaultParams, input.upstreamModel)) {
    if (isRemoved(field, input)) dropped.push(field);
    else edits.set(field, JSON.stringify(value));
  }
  for (const field of view.keys()) if (isGatewayField(field) && !isOwn(view, field)) edits.set(field, undefined);
  const call = { model: input.upstreamModel, stream: input.stream };
  for (const [member, value] of hostedMembers(hosting, call, input.clientHeaders)) {
    // a client that wrote its body for this host has said these itself
    const isSaid = view.has(member) && (member === 'anthropic_version' || member === 'anthropic_beta');
    if (!isSaid) edits.set(member, value === undefined ? undefined : JSON.stringify(value));
  }
  editMetadata(view, edits);
  const messages = ownHistory(view.raw('messages'));
  if (messages !== undefined) edits.set('messages', messages);
  dropped.push(...refuseUnsupported(view, edits, input), ...refusedBetas(input, hosting));
  return { body: view.splice(edits), dropped };
}

/** From this version of the API on, these fields are errors, on every model: a deployment's default must not break such a client. */
const WITHOUT_SAMPLING = '2026-10-21';
const SAMPLING: readonly string[] = ['temperature', 'top_p', 'top_k'];

function isRemoved(field: string, { clientHeaders }: ExchangeInput): boolean {
  return SAMPLING.includes(field) && (clientHeaders['anthropic-version'] ?? '') >= WITHOUT_SAMPLING;
}

/** Anthropic has a beta field of the name `fallbacks` too. */
function isOwn(view: JsonObjectView, field: string): boolean {
  return field === 'fallbacks' && isClaudeFallbacks(view.value(field));
}

function editMetadata(view: JsonObjectView, edits: Edits): void {
  const raw = view.raw('metadata');
  const metadata = view.value('metadata');
  if (raw === undefined || !isRecord(metadata)) return;
  const ours = Object.keys(metadata).filter((key) => GATEWAY_METADATA.includes(key));
  if (ours.length === 0) return;
  const isEmpty = ours.length === Object.keys(metadata).length;
  edits.set('metadata', isEmpty ? undefined : viewObject(raw).splice(new Map(ours.map((key) => [key, undefined]))));
}

function refuseUnsupported(view: JsonObjectView, edits: Edits, input: ExchangeInput): string[] {
  const dropsParams = input.dropParams || view.value('drop_params') === true;
  const dropped: string[] = [];
  for (const field of input.quirks.unsupportedParams ?? []) {
    const isSet = edits.has(field) ? edits.get(field) !== undefined : view.has(field) && view.value(field) !== null;
    if (!isSet) continue;
    if (!dropsParams) throw unsupportedParameter(field);
    edits.set(field, undefined);
    dropped.push(field);
  }
  return dropped;
}

/** Betas change nothing by themselves: what a client asks for by them is in its body. */
function refusedBetas(input: ExchangeInput, hosting: AnthropicHosting): string[] {
  return hostedBetas(hosting, input.clientHeaders).refused.map((beta) => `anthropic-beta: ${beta}`);
}
